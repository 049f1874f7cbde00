"""What is said of further conditions, other watch prices, confirmation, gaps, exits by the clock and rules that begin again."""

ENGLISH: dict[str, str] = {}

KOREAN: dict[str, str] = {}
