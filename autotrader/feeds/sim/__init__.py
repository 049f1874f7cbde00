"""A simulated market behind a real websocket in a process of its own: no account, no network, the same every time."""
