"""Market facts as dated data files, and pure functions over them. `config/markets.py` reads the files."""
