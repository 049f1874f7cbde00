"""What is said of store."""

ENGLISH: dict[str, str] = {}

KOREAN: dict[str, str] = {}
