"""One file a verb. Each is imported when its verb is asked for, and has an `APP`."""
