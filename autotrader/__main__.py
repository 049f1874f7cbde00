"""`python -m autotrader` is the command `autotrader`."""

import sys

from autotrader.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
