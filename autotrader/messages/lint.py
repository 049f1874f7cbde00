"""What is said of what is valid in a rule and perhaps not meant."""

ENGLISH: dict[str, str] = {
    "lint.fires_at_once": "{leg}: at the price of now, {price}, it is met already (level {level}); choose another level, or mean it with `already_met: fire`",
    "lint.too_near": "{leg}: {level} is within {percent} % of the last price {price}, an ordinary step away; give it more room",
    "lint.trail_under_tick": "{leg}: it trails by {distance}, less than one price step ({tick}), so the next lower print fires; trail by more",
    "lint.trail_under_spread": "{leg}: it trails by {distance}, less than the spread of now ({spread}); trail by more, or watch the mid (`basis: mid`)",
    "lint.step_over_trail": "{leg}: a step as large as the trail moves the mark only where the stop already was; make `step` smaller than the trail",
    "lint.beyond_limit": "{leg}: {level} is outside today's limits ({lower} to {upper}), so it cannot be met today; check the number",
    "lint.limit_beyond": "{leg}: its limit {limit} is outside today's limits ({lower} to {upper}), so the order would go at {sent}; check the number",
    "lint.target_under_costs": "{leg}: {rate} % before costs is a loss after them (about {costs} %); aim higher, or write `net: true`",
    "lint.preserve_near": "{leg}: the two lines of `preserve` lie within one price step ({tick}), so the first zigzag sells; put the floor lower",
    "lint.unfilled_market": "{leg}: `unfilled` is for orders at a price and this one is a market order; leave it out, or give the order a limit",
    "lint.stop_over_target": "the stop {stop} is at or over the target {target}, so one of them is always met; swap the numbers",
    "lint.share_of_nothing": "{leg}: {share} % of {quantity} is less than one, so it is passed over; sell more, or give it a larger share",
    "lint.more_than_held": "it sells {quantity} {instrument} and {held} are held; it will sell what is there: `quantity: all` says so",
    "lint.overlaps": "with {rules} it sells {total} {instrument} and {held} are held: what fires first sells its part, the later ones what is left; join them as `legs` of one rule",
    "lint.amount_too_small": "{amount} does not buy one at {price}; raise the amount",
    "lint.more_than_cash": "all buys of the account together take about {needed} {currency} and {available} are there; the last ones will fail: lower a quantity",
    "lint.ends_before_session": "its last day, {last_day}, ends before its next session on {opens}; prolong `until`",
    "lint.time_outside_window": "{leg}: its time, {time}, is outside {window}, so it fires only when that opens next; change one of them",
    "lint.condition_never": "the condition `time: {time}` holds in none of the hours in which the rule may fire ({hours}); change one of them",
    "lint.rearm_hot": "it begins again {hysteresis} from its level, no more than a price step or the spread ({least}); raise `hysteresis`",
    "lint.gap_under_tick": "`gap_guard: {percent}%` is less than one price step ({tick}), so every fire would ask first; raise it",
    "lint.no_quotes": "it watches the {basis} of {instrument}, and no best price has been seen; let the feed tell quotes (`quotes: yes`), or watch the last price",
    "lint.confirmed_twice": "`basis: double_last` is `confirm: 2 prints`, and `confirm` says something else; keep one of them",
    "lint.exits_met": "the exit at {exit} is met where the entry at {entry} fires, so what is bought is sold at once; move one of them",
}

KOREAN: dict[str, str] = {
    "lint.fires_at_once": "{leg}: 현재가 {price} 에서 이미 충족됩니다(기준 {level}). 다른 값을 쓰거나 `already_met: fire` 를 명시하세요",
    "lint.too_near": "{leg}: 기준 {level} 이(가) 현재가 {price} 에서 {percent} % 이내입니다. 간격을 넓히세요",
    "lint.limit_beyond": "{leg}: 지정가 {limit} 이(가) 오늘 상하한가({lower}~{upper}) 밖이라 {sent} 에 주문이 나갑니다. 가격을 확인하세요",
    "lint.more_than_held": "{instrument} 보유 {held} 보다 많은 {quantity} 을(를) 매도합니다. 보유분만 매도하며, `quantity: all` 로 쓸 수 있습니다",
    "lint.overlaps": "{rules} 와(과) 합쳐 {instrument} {total} 을(를) 매도하나 보유는 {held} 입니다. 먼저 발동한 규칙이 제 몫을 팔고 나중 규칙은 남은 만큼만 팝니다. 한 규칙의 `legs` 로 합치세요",
    "lint.more_than_cash": "계좌의 매수 합계가 약 {needed} {currency} 이나 {available} 뿐입니다. 수량을 줄이세요",
    "lint.time_outside_window": "{leg}: 시각 {time} 이(가) {window} 밖이라 그 시간대가 다음에 열릴 때에야 발동합니다. 둘 중 하나를 바꾸세요",
    "lint.condition_never": "조건 `time: {time}` 은(는) 규칙이 발동할 수 있는 시간({hours})에 성립하지 않습니다. 둘 중 하나를 바꾸세요",
}
