"""What is said of rules that attach to new holdings, and of exits that begin with an entry."""

ENGLISH: dict[str, str] = {
    "template.taken": "template {template} taken: it attaches to holdings that are newly bought",
    "attached.fill": "attached by template {template}: account {account} bought {instrument} (an order of ours told it)",
    "attached.balance": "attached by template {template}: account {account} holds {instrument} newly (its statement told it)",
    "attached.existing": "attached by template {template}: account {account} held {instrument} already, and the template includes that",
    "attach.refused": "template {template} could not attach to {instrument} of account {account} ({why}); the holding has no rule of it",
    "exits.begun": "entry {entry} has bought {quantity}: its exits begin",
    "exits.grown": "entry {entry} has bought {bought} more: its exits sell {quantity} now",
    "exits.cancelled": "entry {entry} has bought {bought} more, and its exits {exits} were cancelled: nothing sells that part",
    "exits.refused": "the exits of entry {entry} could not begin ({why}); what it bought has no rule: `autotrader add sell`",
}

KOREAN: dict[str, str] = {
    "attached.fill": "신규잔고편입: 템플릿 {template}, 계좌 {account} 의 {instrument} 매수 체결로 적용",
    "attached.balance": "신규잔고편입: 템플릿 {template}, 계좌 {account} 의 {instrument} 신규 잔고로 적용",
    "attached.existing": "템플릿 {template} 을(를) 계좌 {account} 의 기존 보유 {instrument} 에 적용",
    "attach.refused": "템플릿 {template} 을(를) 계좌 {account} 의 {instrument} 에 적용하지 못했습니다 ({why})",
    "exits.begun": "진입 규칙 {entry} 이(가) {quantity} 을(를) 매수: 청산 조건 감시 시작",
    "exits.refused": "진입 규칙 {entry} 의 청산 조건을 시작하지 못했습니다 ({why}). `autotrader add sell` 로 등록하세요",
}
