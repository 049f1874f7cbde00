"""What `autotrader market` answers: each file one or two of its questions, as a value for scripts and as lines for people."""
