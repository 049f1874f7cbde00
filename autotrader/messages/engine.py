"""What is said of engine."""

ENGLISH: dict[str, str] = {}

KOREAN: dict[str, str] = {}
