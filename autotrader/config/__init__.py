"""From text to domain values: the YAML file and the market data files. Every mistake at once, each with its place."""
