"""What is said of several legs on one quantity, of exits by the clock and by a kept profit, and of orders asked back."""

ENGLISH: dict[str, str] = {
    "fired.preserve": (
        "sells because {price} is at or under {level}, the profit to keep after the price had reached {mark} "
        "(the print before was {before}; rule version {version})"
    ),
    "fired.preserve.late": (
        "sells late, after {down} s unwatched, because {price} is at or under {level}, the profit to keep after the price had reached "
        "{mark} (last seen {before}; rule version {version})"
    ),
    "fired.time_exit": "sells by the clock; the last price was {price} (rule version {version})",
    "fired.time_exit.late": "sells by the clock, after {down} s unwatched; the last price was {price} (rule version {version})",
    "fired.at": "buys by the clock; the last price was {price} (rule version {version})",
    "fired.at.late": "buys by the clock, after {down} s unwatched; the last price was {price} (rule version {version})",
    "waiting.profit": "armed at {price}; the profit is kept from {activate} on",
    "superseded.no_share": "leg {leg}: its share, {share} % of {lot}, is less than one",
    "done.alerted": "met at {price}; the rule only tells you, nothing is sent",
    "failed.amount_too_small": "{amount} does not buy the least that can be bought of {instrument} at {price}; nothing was sent",
    "leg.breakeven": "leg {leg} has filled: the stop stands at or over the price that brings back the cost, fees and taxes included",
    "intent.shadow": "shadow: {side} {quantity} {instrument} at {price} is recorded and not sent",
    "intent.asked_back": "asked back, because leg {leg} has fired: what it has not sold is sold then",
    "intent.after_sibling": "order {order} of the same rule has ended: this sells what it left",
}

KOREAN: dict[str, str] = {
    "fired.preserve": "{price} 이(가) 이익보존가 {level} 이하여서 매도 (도달가 {mark}, 직전 체결 {before}, 규칙 버전 {version})",
    "fired.preserve.late": "{down}초 동안 감시하지 못한 뒤 늦게 매도: {price} ≤ 이익보존가 {level}, 도달가 {mark} (마지막 체결 {before}, 규칙 버전 {version})",
    "fired.time_exit": "정해진 시각에 매도, 마지막 가격 {price} (규칙 버전 {version})",
    "fired.time_exit.late": "{down}초 동안 감시하지 못한 뒤 정해진 시각에 매도, 마지막 가격 {price} (규칙 버전 {version})",
    "fired.at": "정해진 시각에 매수, 마지막 가격 {price} (규칙 버전 {version})",
    "fired.at.late": "{down}초 동안 감시하지 못한 뒤 정해진 시각에 매수, 마지막 가격 {price} (규칙 버전 {version})",
    "superseded.no_share": "조건 {leg}: 비중 {share} % 는 {lot} 주의 1주 미만입니다",
    "done.alerted": "{price} 에 조건 충족, 알림만 하는 규칙이라 주문하지 않음",
    "failed.amount_too_small": "{amount} 으로는 {price} 에 {instrument} 을(를) 최소 수량도 살 수 없어 주문하지 않음",
    "leg.breakeven": "조건 {leg} 체결: 손절가를 수수료와 세금을 포함한 본전가 이상으로 올림",
    "intent.shadow": "모의: {side} {quantity} {instrument} {price} 은(는) 기록만 하고 보내지 않음",
    "intent.asked_back": "조건 {leg} 발동으로 취소 요청, 남은 수량은 그 조건이 매도",
    "intent.after_sibling": "같은 규칙의 주문 {order} 이(가) 끝나 남은 수량을 매도",
}
