"""What is said of splits and the like, quantities that jumped, and rules that are adjusted."""

ENGLISH: dict[str, str] = {
    "held.corporate_base": (
        "held: the base price of {instrument} is {base} and its last close was {close}, so its shares have changed (a split, a rights issue); "
        "nothing fires until you look: `autotrader adjust ID --ratio {ratio}` scales a rule, `autotrader resolve ITEM watch` keeps it as it is"
    ),
    "held.corporate_quantity": (
        "held: the account holds {after} {instrument} after {before} for the same cost, so its shares have changed; nothing fires until you "
        "look: `autotrader adjust ID --ratio {ratio}` scales a rule, `autotrader resolve ITEM watch` keeps it as it is"
    ),
    "held.corporate_order": (
        "held: {order} was decided before the shares of {instrument} changed, and has not been sent; it will not be: `autotrader resolve {order} "
        "absent` ends it, then write the rule anew"
    ),
    "held.still": "adjusted by {ratio}, and held as before: it was met before the shares changed, and whether it fires is still for you to decide",
    "position.shrunk": "{rule} is to sell {wanted} {instrument}, and since somebody else sold, only {held} are held: it will sell those at most",
    "rule.adjusted": "{rule}: adjusted by {ratio}",
    "adjust.changed": "{what}: {old} is now {new}",
    "adjust.rounded": "{what}: {old} would be {exact}; it is now {new}, the nearest tick that is as careful",
    "adjust.bad_ratio": "{rule}: {ratio} is no ratio; write new shares for old ones, `--ratio 5:1` for five new ones for one",
    "adjust.in_flight": "{rule}: an order of it is on its way or held; adjust it when that is settled",
    "adjust.ended": "{rule} has ended ({states}), so there is nothing to adjust; add a new rule with the new numbers",
    "adjust.met": (
        "{rule}: adjusted by {ratio}, {leg} would fire at once: its level would be {level} and the price is {price}. Nothing has changed. "
        "Check the direction: `--ratio NEW:OLD`, 5:1 for five new shares for one, so perhaps `--ratio {turned}`. If {ratio} is right, the "
        "condition is met: cancel the rule and act yourself"
    ),
    "adjust.nothing_left": "{rule}: {what} of {old} would be nothing after {ratio}; cancel it and write a new rule",
}

KOREAN: dict[str, str] = {
    "held.corporate_base": (
        "보류: {instrument} 기준가 {base} 이(가) 직전 종가 {close} 과(와) 달라 액면분할·권리락 등으로 보입니다. 확인 전에는 발동하지 않습니다: "
        "`autotrader adjust ID --ratio {ratio}` 로 조정하거나 `autotrader resolve ITEM watch` 로 그대로 감시"
    ),
    "held.corporate_quantity": (
        "보류: 매입금액은 같은데 {instrument} 보유수량이 {before} 에서 {after} (으)로 바뀌었습니다. 확인 전에는 발동하지 않습니다: "
        "`autotrader adjust ID --ratio {ratio}` 또는 `autotrader resolve ITEM watch`"
    ),
    "held.corporate_order": (
        "보류: {order} 주문은 {instrument} 주식 변경 전에 결정되었고 전송되지 않았습니다. 앞으로도 전송하지 않습니다: "
        "`autotrader resolve {order} absent` 로 끝낸 뒤 규칙을 다시 작성하십시오"
    ),
    "held.still": "{ratio} 비율로 조정되었고 그대로 보류합니다: 주식 변경 전에 충족되었으며, 발동 여부는 아직 사용자가 정해야 합니다",
    "position.shrunk": "{rule} 의 매도수량 {wanted} 보다 {instrument} 보유수량 {held} 이(가) 적습니다. 보유수량까지만 매도합니다",
    "rule.adjusted": "{rule}: {ratio} 비율로 조정됨",
    "adjust.changed": "{what}: {old} → {new}",
    "adjust.rounded": "{what}: {old} 은(는) {exact} 이지만 호가단위에 맞추어 더 조심스러운 {new} 로 합니다",
    "adjust.bad_ratio": "{rule}: {ratio} 은(는) 비율이 아닙니다. 1주가 5주가 되었으면 `--ratio 5:1` 로 쓰세요",
    "adjust.in_flight": "{rule}: 주문이 진행 중이거나 확인 대기입니다. 끝난 뒤에 조정하세요",
    "adjust.ended": "{rule} 은(는) 이미 끝났으므로({states}) 조정할 것이 없습니다. 새 값으로 규칙을 새로 등록하세요",
    "adjust.met": (
        "{rule}: {ratio} 로 조정하면 {leg} 이(가) 바로 발동합니다. 기준 {level}, 현재가 {price}. 바뀐 것은 없습니다. 방향을 확인하세요: "
        "`--ratio 새주식:헌주식`, 1주가 5주가 되었으면 5:1 이므로 `--ratio {turned}` 일 수 있습니다. {ratio} 이 맞다면 조건이 이미 "
        "충족된 것입니다. 규칙을 취소하고 직접 처리하세요"
    ),
    "adjust.nothing_left": "{rule}: {what} {old} 은(는) {ratio} 뒤에 남는 것이 없습니다. 취소하고 새 규칙을 쓰세요",
}
