"""What is said of cli."""

ENGLISH: dict[str, str] = {}

KOREAN: dict[str, str] = {}
