"""What is said of brokers."""

ENGLISH: dict[str, str] = {}

KOREAN: dict[str, str] = {}
