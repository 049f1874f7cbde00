"""Binance spot: public trade stream (orders come with a later release)."""
