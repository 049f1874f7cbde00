"""What CLI and daemon say to each other: JSON lines over a Unix socket."""
