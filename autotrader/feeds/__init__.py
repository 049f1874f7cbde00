"""The connection machinery of websocket feeds, the sim and recordings."""
