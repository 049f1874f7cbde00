"""The simulated exchange: order book, call auction, sessions, halts. Pure. It arrives with the market rules."""
