"""Words go out: log lines and alerts."""
