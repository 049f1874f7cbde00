"""Orders go out: one folder a venue, with dialect, client and feed as far as it has them."""
