"""What is said of feeds."""

ENGLISH: dict[str, str] = {}

KOREAN: dict[str, str] = {}
