"""A daemon that watches prices while its owner sleeps and sends each order once, never twice, never forgotten."""

__version__ = "0.1.0"
