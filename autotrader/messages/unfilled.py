"""What is said of orders that do not fill in time."""

ENGLISH: dict[str, str] = {
    "unfilled.kept": "order {order} has rested for {seconds} s and {rest} of it are not filled; it stays, `autotrader cancel` takes it back",
    "unfilled.reprice": "order {order} has rested for {seconds} s and {rest} of it are not filled: asked back, to go on at another price",
    "unfilled.market": "order {order} has rested for {seconds} s and {rest} of it are not filled: asked back, to go on as a market order",
    "unfilled.cancel": "order {order} has rested for {seconds} s and {rest} of it are not filled: asked back",
    "unfilled.repriced": "the rest of {rest} goes on at {price}",
    "unfilled.at_market": "the rest of {rest} goes on at the market ({price})",
    "unfilled.stuck": "order {order} was asked back over a minute ago and the broker has not told its end; nothing follows until it does",
    "failed.unfilled": "not filled in time: {filled} of {quantity} were, the rest was taken back as the rule says",
    "failed.unfilled_at_close": "not filled by the close: {filled} of {quantity} were, {rest} are left and nothing guards them by this rule",
    "rearmed.rest": "what the close left, {rest}, is watched again from the next session on",
}

KOREAN: dict[str, str] = {
    "unfilled.kept": "주문 {order} 이(가) {seconds}초 동안 미체결({rest})입니다. 그대로 두며, `autotrader cancel` 로 취소할 수 있습니다",
    "unfilled.reprice": "주문 {order} 이(가) {seconds}초 동안 미체결({rest})이라 취소 후 정정가로 다시 보냅니다",
    "unfilled.market": "주문 {order} 이(가) {seconds}초 동안 미체결({rest})이라 취소 후 시장가로 보냅니다",
    "unfilled.cancel": "주문 {order} 이(가) {seconds}초 동안 미체결({rest})이라 취소합니다",
    "unfilled.stuck": "주문 {order} 의 취소를 1분 넘게 확인하지 못했습니다. 확인 전에는 다음 주문을 보내지 않습니다",
    "failed.unfilled": "시간 안에 체결되지 않아 잔량을 취소했습니다: {quantity} 중 {filled} 체결",
    "failed.unfilled_at_close": "장 마감까지 {quantity} 중 {filled} 체결, 잔량 {rest} 은(는) 이 규칙으로 보호되지 않습니다",
    "rearmed.rest": "마감 잔량 {rest} 을(를) 다음 장부터 다시 감시합니다",
}
