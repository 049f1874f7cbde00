"""What is said of splits and the like, quantities that jumped, and rules that are adjusted."""

ENGLISH: dict[str, str] = {}

KOREAN: dict[str, str] = {}
