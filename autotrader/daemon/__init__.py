"""The pump, the outbox, recovery and the wiring."""
