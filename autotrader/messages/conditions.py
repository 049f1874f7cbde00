"""What is said of further conditions, other watch prices, confirmation, gaps, exits by the clock and rules that begin again."""

ENGLISH: dict[str, str] = {
    "rearmed": "begins again, {number} of {most} times, not before {seconds} s have passed",
    "waiting.hysteresis": "armed at {price}; begins again once the price has been far enough from {level}",
    "leg.armed_clock": "armed; it is due at {due}, the market's time",
    "blocked.when": "met, but not everything that the rule also asks for holds ({missing}); nothing fires, it is judged again on the next print",
    "held.gap": (
        "held: {price} is more than {percent} % beyond the level {level} (gap_guard); `autotrader resolve ITEM fire` lets the next price "
        "that meets it fire, `watch` waits for one that is nearer, `give_up` ends it"
    ),
    "resolved.fire": "a person let it fire: the next price that meets it does, however far it has gone, unless one on the safe side comes first",
    "leg.safe_again": "the print {price} is on the safe side again: from here on `gap_guard` asks anew",
    "rule.expires_soon": "{rule} watches until {last_day}, three trading days from now; `autotrader edit {rule} --until` prolongs it",
}

KOREAN: dict[str, str] = {
    "rearmed": "{seconds}초 뒤 다시 감시 시작 ({most}회 중 {number}회째)",
    "leg.armed_clock": "감시 시작, 예정 시각 {due} (시장 시각)",
    "blocked.when": "조건은 충족되었으나 추가 조건이 맞지 않아({missing}) 발동하지 않고 다음 체결에서 다시 판단합니다",
    "held.gap": (
        "보류: {price} 이(가) 기준 {level} 에서 {percent} % 넘게 벗어났습니다(gap_guard). `autotrader resolve ITEM fire` 로 발동, "
        "`watch` 로 계속 감시, `give_up` 으로 종료"
    ),
    "resolved.fire": "사용자가 발동을 허락했습니다: 안전한 쪽 체결이 먼저 나오지 않는 한, 다음에 충족하는 체결에서 거리와 관계없이 발동합니다",
    "leg.safe_again": "체결가 {price} 가 다시 안전한 쪽입니다: 이제부터 `gap_guard` 가 다시 묻습니다",
    "rule.expires_soon": "{rule} 의 감시 기간이 3거래일 뒤 {last_day} 에 끝납니다. `autotrader edit {rule} --until` 로 연장할 수 있습니다",
}
