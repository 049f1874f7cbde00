"""What is said of the words of a rule in the file that go beyond one plain trigger."""

ENGLISH: dict[str, str] = {}

KOREAN: dict[str, str] = {}
