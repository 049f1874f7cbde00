"""What is said of what is valid in a rule and perhaps not meant."""

ENGLISH: dict[str, str] = {}

KOREAN: dict[str, str] = {}
