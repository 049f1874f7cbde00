"""What is said of orders that do not fill in time."""

ENGLISH: dict[str, str] = {}

KOREAN: dict[str, str] = {}
