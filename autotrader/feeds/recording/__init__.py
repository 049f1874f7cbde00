"""Recorded frames: a live feed goes into a file, and a file is served again over a real websocket with its own timing."""
