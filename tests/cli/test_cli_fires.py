"""An order in one line: how it finds its price, and where it went when that is not its own market."""

import pytest

from autotrader.cli.fires import order_line
from autotrader.messages import say


class Speaker:
    """The part of a call that speaks."""

    language = "en"

    def tell(self, code: str, **params: object) -> str:
        return say(code, params)


HOW = [
    ("market", "day", None, "", "at market"),
    ("limit", "day", "67900", "", "at 67,900"),
    ("market", "ioc", None, "NXT", "as market IOC (NXT)"),
    ("best", "day", None, "", "as best limit"),
    ("limit", "fok", "67900", "SOR", "as limit FOK at 67,900 (SOR)"),
    ("conditional", "day", "67900", "", "as conditional limit at 67,900"),
]


@pytest.mark.parametrize(("kind", "tif", "price", "venue", "how"), HOW)
def test_an_order_is_told_by_its_kind(kind: str, tif: str, price: str | None, venue: str, how: str) -> None:
    order = {
        "id": "a/stop/1/1",
        "order_id": None,
        "state": "working",
        "side": "sell",
        "quantity": "10",
        "instrument": "KRX:005930",
        "filled": "0",
        "type": kind,
        "tif": tif,
        "price": price,
        "venue": venue,
    }
    assert order_line(Speaker(), order) == f"order a/stop/1/1: sell 10 KRX:005930 {how}: working, 0 filled"  # type: ignore[arg-type]
