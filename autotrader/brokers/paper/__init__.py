"""The paper account: fills from the prints that the engine finds eligible, in a file of its own."""
