"""Words go out: what the daemon tells people, by adapter."""
