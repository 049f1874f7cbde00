"""What is said of further conditions, other watch prices, confirmation, gaps, exits by the clock and rules that begin again."""

ENGLISH: dict[str, str] = {
    "rearmed": "begins again, {number} of {most} times, not before {seconds} s have passed",
    "waiting.hysteresis": "armed at {price}; begins again once the price has been far enough from {level}",
}

KOREAN: dict[str, str] = {
    "rearmed": "{seconds}초 뒤 다시 감시 시작 ({most}회 중 {number}회째)",
}
