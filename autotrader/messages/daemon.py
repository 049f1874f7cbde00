"""What is said of daemon."""

ENGLISH: dict[str, str] = {}

KOREAN: dict[str, str] = {}
