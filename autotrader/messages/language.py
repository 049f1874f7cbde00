"""What is said of the words of a rule in the file that go beyond one plain trigger."""

ENGLISH: dict[str, str] = {
    # legs
    "config.leg": "a leg is a trigger with what goes beside it; write one such as {{stop: -5%}} or {{target: +10%, share: 50%}}",
    "config.leg_list": "`{key}` is a list of one or more legs; write `{key}: [{{stop: -5%}}, {{target: +10%}}]`",
    "config.leg_too_many": "a rule has at most {most} legs; write two rules",
    "config.leg_beside_legs": "`{key}` stands beside `legs`, but a rule with `legs` has its triggers there; move it into a leg, or delete `legs`",
    "config.leg_no_trigger": "the leg has no trigger; a leg of a {side} takes {triggers}",
    "config.leg_key_of_rule": "`{key}` is a key of the whole rule, not of a leg; write it beside the list of legs",
    "config.leg_inside": "`{key}` does not stand here but inside another key; write `{example}`",
    "config.leg_twice": "there are two legs called {name}; give one of them a `name:` of its own",
    "config.leg_exits_of_sell": "`exits` belong to buys, they sell what was bought; delete it, a sell has its own `legs`",
    "config.leg_then": "`then` follows a target that has filled, not a {kind}; delete it",
    "config.leg_then_no_stop": "`then: stop_to_breakeven` needs a stop to move; add a leg such as {{stop: -5%}}, or delete `then`",
    "config.leg_offset_sign": "{text!r} has a sign, but `limit_offset` is how far the limit lies beyond the level, so that the order can fill; "
    "write {meant}, or 0 for a limit at the level",
    "config.leg_offset_by_clock": "`{key}` goes by the clock and has no level for `limit_offset`; delete it, or write "
    "`order: {{limit: last - 2 ticks}}`",
    "config.leg_offset_and_order": "`limit_offset` makes the order a limit beyond the level, so `order` would never be sent; delete one of them",
    "config.leg_offset_too_far": "a limit {offset} under {level} leaves no price above zero; write a smaller `limit_offset`",
    "config.leg_time_outside": "from {time} on none of this rule's sessions ({sessions}) is open, so it could never fire; "
    "write an earlier time, or add sessions",
    "config.leg_order_unused": "every leg sends an order of its own, so this one would never be sent; delete it",
    "config.leg_level_off_tick": "the level {limit} of this stop-limit is not on a price step; write {under} or {over}",
    "config.share_of_buy": "`share` is a part of what is sold, and this is a buy; delete it",
    "config.share_out_of_range": "{text!r} is out of range; write a percentage above 0% and up to 100%, without a sign",
    "config.share_total": "the shares of the legs come to {total}%, more than there is; write shares of 100% together at most",
    # how many
    "config.quantity_and_amount": "`amount` and `quantity` both say how many; keep one of them",
    "config.quantity_amount_of_sell": "`amount` is money to buy for, and this is a sell; write `quantity: 10`, `50%` or `all`",
    "config.quantity_part_of_buy": "a buy has no holding yet to take {text} of; write how many, or `amount: 1000000` for so much money",
    "config.quantity_part_of": "{text!r} is not a part of a holding{perhaps}; write `{part}` (of the position) or `{part} of sellable`",
    # triggers
    "config.trail_start_and_activate": "`start` and `activate` both say where the mark begins; keep one of them",
    "config.preserve": "`preserve` takes two levels; write `preserve: {{arm: +7%, floor: +5%}}`",
    "config.preserve_key": "`{key}` is not a key of `preserve`; write `preserve: {{arm: +7%, floor: +5%}}`",
    "config.preserve_needs": "`preserve` lacks `{key}`; write `preserve: {{arm: +7%, floor: +5%}}`",
    "config.preserve_mixed": "`arm` and `floor` are counted differently and cannot be compared; write both as prices, both as rates of profit, "
    "or both as distances of one kind from `base`",
    "config.preserve_order": "the profit to keep, {floor}, must lie under `arm`, {arm}, or it would be sold the moment it is armed; "
    "write a lower `floor`",
    # orders
    "config.peg": "{text!r} is not a price of the moment; write `last`, `bid - 2 ticks` or `ask + 1 tick`, or a price such as 70000",
    "config.peg_of_kind": "a {kind} order takes a plain price, not {text!r}; write a number, or `{{limit: {text}}}`",
    # what a rule says beside its trigger
    "config.option_mapping": "`{key}` takes several entries; write `{key}: {example}`",
    "config.option_needs": "`{key}` lacks `{entry}`; write `{key}: {example}`",
    "config.option_cost_of_buy": "`{key}` is about the cost of a holding, and a buy has none yet; delete it",
    "config.option_shadow_alert": "`shadow` records an order, but `action: alert` decides none; delete one of them",
    "config.option_only_reprice": "`{key}` goes with `action: reprice`, not with {action}; delete it, or write `action: reprice`",
    "config.option_final": "`final` is what comes after the last new price, so it cannot be `reprice`; write keep, market or cancel",
    "config.option_count": "{text} is out of range; write a whole number from 1 to {most}",
    "config.option_too_many_tags": "a rule has at most {most} tags; delete some",
    "config.option_yes_or_no": "{text!r} is neither yes nor no; write `yes` or `no`",
    "config.option_confirm": "{text!r} does not say how long to wait; write `3 prints` or a time span such as `5s`",
    "config.option_confirm_prints": "{text!r} is out of range; write 2 to {most} prints, or delete the key where one print is enough",
    "config.option_net_idle": "`net` changes rates of profit, and this rule has none; write a level such as `+10%`, or delete `net`",
    # further conditions
    "config.when_list": '`when` is a list of conditions; write `when: [{{time: "10:00-close"}}]`, or `when: {{any: [...]}}` where one is enough',
    "config.when_too_many": "a rule has at most {most} conditions; delete some",
    "config.when_condition": 'a condition is one of time, change, volume and price; write one such as `{{change: "<= -3%"}}`',
    "config.when_kind": "`{kind}` is not a condition{perhaps}; there are time, change, volume and price",
    "config.when_compare": '{text!r} is not a comparison; write one such as "{example}"',
    "config.when_strict": '{text!r} does not compare with `>=` or `<=`, and both count the limit itself; write one such as "{example}"',
    "config.when_change_sign": "{text!r} does not say whether the price rose or fell; write +{number} or -{number}",
    "config.when_volume_under": 'the day\'s volume only grows, so {text!r} cannot be waited for; write ">= {number}"',
    "config.when_not_served": "no feed serves {instrument}, so this condition would never be judged; add it to a feed, or delete the condition",
    "config.when_price_of_template": 'a template has no instrument of its own that {text!r} could mean; write one such as "KRX:000660 {text}"',
    # templates
    "config.template_key": "`{key}` comes from the holding that a template attaches to; delete it, and choose holdings with `for`",
    "config.template_is_rule": "a rule is called {name}, too, and one name means one thing; give the template another",
    "config.template_buy": "a template sells what was bought; write `side: sell`",
    "config.template_for": "`for` takes several entries; write `for: {{markets: [KRX], min_value: 1000000}}`",
    "config.template_elsewhere": "it will not attach in {market}: {finding}; name the markets that are meant in `for: {{markets: [...]}}`",
    "config.template_market": "{text!r} is not a market{perhaps}; there are {known}",
}

KOREAN: dict[str, str] = {
    "config.leg_beside_legs": "`legs` 가 있으면 조건은 그 안에 씁니다. `{key}` 을(를) legs 안으로 옮기거나 `legs` 를 지우세요",
    "config.leg_offset_sign": "{text!r} 에 부호가 있습니다. `limit_offset` 은 발동가에서 지정가까지의 거리입니다. {meant} 또는 0 으로 쓰세요",
    "config.share_total": "비중의 합이 {total}% 로 100% 를 넘습니다. 합이 100% 이하가 되게 쓰세요",
    "config.quantity_and_amount": "`amount` 와 `quantity` 중 하나만 쓰세요",
    "config.preserve_order": "지킬 수익 {floor} 은(는) 도달 조건 {arm} 보다 낮아야 합니다. 더 낮은 `floor` 를 쓰세요",
    "config.option_cost_of_buy": "`{key}` 은(는) 보유 원가에 대한 설정이라 매수 규칙에는 쓸 수 없습니다. 지우세요",
    "config.when_not_served": "{instrument} 시세를 주는 피드가 없어 이 조건은 판단되지 않습니다. 피드에 추가하거나 조건을 지우세요",
}
