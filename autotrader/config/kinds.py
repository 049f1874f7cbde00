"""The kinds of broker and feed that this release can open, and which keys belong to which kind of feed."""

BROKERS = ("paper", "loopback")
KINDS = ("sim", "recording", "upbit", "binance")
DIALECTS = ("upbit", "binance", "sim")

WHOLE_MARKETS = {"upbit": "UPBIT:*", "binance": "BINANCE:*"}
"""What a feed of this kind, or a recording in this dialect, serves when it lists nothing."""

BELONGS = {
    "instruments": ("sim", "recording"),
    "seed": ("sim",),
    "every": ("sim",),
    "begin": ("sim",),
    "scenario": ("sim",),
    "speed": ("sim", "recording"),
    "file": ("recording",),
    "dialect": ("recording",),
    "quotes": ("upbit", "binance"),
}
"""The keys that only some kinds of feed have."""
