"""`python -m benchmarks [--quick] [NAME …]`: print the tables, all of them or those that are named."""

import argparse

from benchmarks import daemon_path, durable, exchange, index, loading, market_day, memory, order_path, replaying, starting, storm

TABLES = {
    "price": daemon_path.main,
    "durable": durable.main,
    "order": order_path.main,
    "storm": storm.main,
    "replay": replaying.main,
    "memory": memory.main,
    "start": starting.main,
    "exchange": exchange.main,
    "day": market_day.main,
    "index": index.main,
    "loading": loading.main,
}


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*TABLES, []], metavar="NAME", help=", ".join(TABLES))
    parser.add_argument("--quick", action="store_true", help="small rounds: shows that everything runs; its figures say nothing")
    arguments = parser.parse_args()
    for name in arguments.names or TABLES:
        TABLES[name](quick=arguments.quick)


if __name__ == "__main__":
    main()
