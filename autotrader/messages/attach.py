"""What is said of rules that attach to new holdings, and of exits that begin with an entry."""

ENGLISH: dict[str, str] = {}

KOREAN: dict[str, str] = {}
