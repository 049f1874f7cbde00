"""What is said of config."""

ENGLISH: dict[str, str] = {}

KOREAN: dict[str, str] = {}
