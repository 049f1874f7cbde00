"""What is said of the configuration file and of a rule's keys: what is wrong; what to write instead."""

ENGLISH: dict[str, str] = {
    "config.mistakes": "mistakes: {count}",
    "config.too_many": "{more} more mistakes are not shown; mend these first",
    # the file
    "config.no_file": "there is no such file; check the name, or write one (config.example.yaml is a start)",
    "config.directory": "this is a directory; name the YAML file in it",
    "config.not_a_file": "this is not an ordinary file; name a YAML file",
    "config.unreadable": "the file cannot be read ({reason}); check its owner and its permissions",
    "config.empty": "the file is empty, which never means to delete everything; write `rules: {{}}` if there shall be no rules",
    "config.too_big": "the file is bigger than {most}; split off what is not configuration",
    "config.not_utf8": "the byte {byte} is not UTF-8; save the file as UTF-8",
    "config.unprintable": "the character {character} does not belong in a text file; delete it",
    "config.directive": "a line may not begin with %; delete it or indent it",
    "config.syntax": "this is not YAML: {problem}{since}; check the brackets, quotes, colons and spaces up to here",
    "config.several_documents": "a second document starts here; keep everything in one document and delete the `---`",
    "config.anchor": "the anchor &{name} is not allowed; write the value out where it is needed",
    "config.alias": "the alias *{name} is not allowed; write the value out here",
    "config.tag": "the tag {tag} is not allowed; write the value without it",
    "config.duplicate_key": "`{key}` stands twice, first in line {line}; keep one of them",
    "config.key_not_text": "a key must be one word; write `key: value`",
    "config.too_deep": "this is nested deeper than {most} levels; close the brackets above",
    "config.too_many_nodes": "the file has more than {most} values; split off what is not configuration",
    "config.too_many_entries": "this is more than {most} entries in one place; split off what is not configuration",
    "config.not_a_mapping": "the file must be a mapping of sections; start with `mode: paper`",
    # sections
    "config.unknown_key": "`{key}` is not a key here; {instead}",
    "config.needs_mapping": "`{where}` needs keys under it; write `key: value` lines or {{key: value}}",
    "config.needs_list": "`{where}` needs a list; write [first, second]",
    "config.needs_text": "`{key}` takes one value here; write `{key}: value`",
    "config.section_empty": "`{where}` has nothing under it; write `{where}: {{}}` if there shall be none, or delete the line",
    "config.section_needs": "`{where}` lacks `{key}`; add it",
    "config.live_needs_broker": "mode live needs an account at a real broker; add one, or write `mode: paper`",
    "config.paper_in_live": "account {account} is a paper account, which mode live does not allow; delete it, or write `mode: paper`",
    "config.unknown_broker": "{broker!r} is not a broker{perhaps}; there are {known}",
    "config.paper_url": "a paper account has no address; delete `url`",
    "config.paper_only": "`{key}` is for paper accounts, this broker tells what it holds; delete it",
    "config.http_url": "{url!r} is not the address of a broker; write http://host:port",
    "config.ws_url": "{url!r} is not the address of a feed; write ws://host:port or wss://host",
    "config.scenario": "{name!r} is not a scenario{perhaps}; there are {known}",
    "config.not_a_local_time": "{text!r} is not a market-local time; write the day and the hour, such as 2026-11-20T08:00",
    "config.unknown_kind": "{kind!r} is not a kind of feed{perhaps}; there are {known}",
    "config.key_of_kind": "`{key}` does not belong to a feed of kind {kind}, only to {kinds}; delete it",
    "config.sim_empty": "feed {feed} has no instruments; add `instruments: {{KRX:005930: {{start: 70000}}}}`",
    "config.sim_start": "{instrument} has no first price; add `start: 70000` or a `path`",
    "config.sim_speed": "a sim cannot run at speed max; write a number such as 20",
    "config.dialect": "a recording needs to know its language; write `dialect:` with one of {known}",
    # words
    "config.not_a_number": "{text!r} is not a number; write digits with at most one point, such as 70000 or 0.01",
    "config.number_spelling": "{text!r} is not a plain number; write {meant}",
    "config.number_too_long": "{text!r} has more than {most} digits before or after the point; write a shorter number",
    "config.not_positive": "{text!r} is not above zero; write a number above zero without a sign",
    "config.negative": "{text!r} is below zero; write 0 or more",
    "config.not_an_integer": "{text!r} is not a whole number; write one such as 7",
    "config.not_a_percentage": "{text!r} is not a percentage; write one such as {meant}",
    "config.percent_out_of_range": "{text!r} is out of range; write a percentage above 0% and under 100%, without a sign",
    "config.rate_out_of_range": "{text!r} is out of range; write a percentage from 0% to under 100%",
    "config.step_rate": "{text!r} is too much for one step; write less than 100%",
    "config.not_ticks": "{text!r} is not a number of ticks; write one such as 5 ticks",
    "config.ticks_out_of_range": "{text!r} is out of range; write 1 to {most} ticks",
    "config.signed_distance": "{text!r} has a sign, but this is a distance; write {meant}",
    "config.not_a_duration": "{text!r} is not a time span; write one such as {meant}",
    "config.not_a_validity": "{text!r} is neither a date nor a number of days; write one such as 2026-12-31 or 90d",
    "config.no_such_day": "{text} is not in the calendar; write a day that exists",
    "config.bad_name": "{text!r} is not a name; use 1 to 64 letters, digits, dots, dashes and underscores, a letter or digit first",
    "config.not_a_currency": "{text!r} is not a currency; write its code such as KRW or USDT",
    "config.not_one_of": "{text!r} is not possible here{perhaps}; write one of {choices}",
    "config.note_too_long": "the note is longer than {most} characters; shorten it",
    # rules
    "config.rule_needs": "the rule lacks `{key}`; add it",
    "config.later_key": "`{key}` is not in this release; delete it",
    "config.six_digits": "{instrument} has lost its leading zeros; write {meant}",
    "config.no_accounts": "there are rules but no account; add `accounts: {{main: {{broker: paper, cash: {{KRW: 10000000}}}}}}`",
    "config.which_account": "there are several accounts ({known}); add `account:` with one of them",
    "config.unknown_account": "there is no account {account!r}{perhaps}; there are: {known}",
    "config.unknown_feed": "there is no feed {feed!r}{perhaps}; there are: {known}",
    "config.feed_does_not_serve": "feed {feed} does not serve {instrument}{others}; name another feed, or list the instrument there",
    "config.not_served": "no feed serves {instrument}; list it under the `instruments` of a feed{remedy}",
    "config.buy_all": "a buy cannot take `all`; write how many",
    "config.not_a_lot": "{quantity} is not a multiple of {lot}, the smallest lot of {instrument}; round it",
    "config.no_trigger": "the rule has no trigger; a {side} takes {triggers}",
    "config.one_trigger": "`{key}` is a second trigger beside `{first}`; write each as a leg of its own: "
    "`legs: [{{{first}: …}}, {{{key}: …}}]`",
    "config.wrong_side": "`{key}` belongs to {owner}s; a {side} takes {triggers}",
    "config.activate_alone": "`{word}` belongs to trail and rebound, `{key}` needs none; delete it",
    "config.bind_on_buy": "`bind` belongs to sells, a buy has no holding yet; delete it",
    "config.order": "an order is a kind or a price under its kind; write `order: market` or `order: {{limit: 70000}}`",
    "config.order_unknown": "{text!r} is not an order{perhaps}; write `order: {{limit: 70000}}` or one of {known}",
    "config.order_needs_price": "`{kind}` needs a price; write `order: {{{key}: 70000}}`, with `tif: ioc` or `tif: fok` where that is meant",
    "config.order_no_price": "`{kind}` takes no price, it finds its own; write `order: {kind}`",
    "config.order_two_prices": "`{key}` is a second price beside `{first}`; keep one of them",
    "config.order_stop_limit": "the exchange's own stop-limit is not in this release; write the stop as the trigger (`stop: 68000`) "
    "and `order: {{limit: 67900}}`, the daemon then watches it",
    "config.order_key": "`{key}` is not a key of an order; write `order: {{limit: 70000}}`, with `tif: ioc` or `tif: fok` where that is meant",
    "config.order_tif": "a {kind} order cannot be {tif}; delete `tif`, or write `{{limit: 70000, tif: {tif}}}`",
    "config.order_not_taken": "no session in which this rule orders ({sessions}) takes {kind}{elsewhere}; write one that is taken "
    "({taken}){substitute}",
    "config.not_a_venue": "{text!r} is not possible for {market}{perhaps}; write `{key}:` with one of {known}",
    "config.no_sessions": "no session is named; write `sessions: regular`, or delete it",
    "config.unknown_session": "{session!r} is not a session of {market}{perhaps}; there are {known}",
    "config.session_ended": "{session} ended on {day}; delete it",
    "config.session_elsewhere": "{session} is a session of {venue}, where this rule neither watches nor orders; "
    "add `watch: {venue}` or `venue: {venue}`, or delete it",
    "config.window_outside": "no session of this rule ({sessions}) is open in the window {window}, so it could never fire; "
    "write another window, or add sessions",
    "config.not_a_base": "{text!r} is not a base{perhaps}; write arm, previous_close or a price",
    "config.base_unused": "`base` has no percentage or ticks to measure; write such a level, or delete `base`",
    "config.ticks_need_base": "`{key}: {text}` needs a base; add `base: arm`, `base: previous_close` or `base: PRICE`",
    "config.buy_needs_base": "a buy has no average cost, so `{key}: {text}` needs a base; "
    "add `base: arm`, `base: previous_close` or `base: PRICE`",
    "config.sign_or_base": "`{key}: {text}` could mean two things; write {meant} for a profit rate on the average cost, "
    "or add `base: arm`, `base: previous_close` or `base: PRICE`",
    "config.against_direction": "`{key}` lies {where} its base, and {text} would put it {there}; write {meant}",
    "config.target_at_loss": "a target of {text} is no profit; write one such as {meant}, or use `stop`",
    "config.nothing_left": "`{key}: {text}` leaves no price above zero; write less than 100%",
    "config.no_ladder": "the ticks of {instrument} are not known; write an amount or a percentage",
    "config.limit_over_stop": "the limit {limit} is over the stop {level} and could not fill there; write {level} or less",
    "config.limit_under_above": "the limit {limit} is under the trigger {level} and could not fill there; write {level} or more",
    "config.past": "{until} is past (today is {today}), so the rule has expired; write a later day, or delete the rule",
    "config.over_cap": "{until} is too long, a rule for {market} lasts {cap} days at most; write {latest} or {cap}d at the latest",
    # odd but allowed
    "config.trail_may_lose": "activated at +{gain}%, a trail of {trail}% can still sell at a loss of {loss}%; a smaller trail would not",
    "config.limit_off_tick": "the limit {limit} is not on a price step, so it will be sent rounded {sent}; write {under} or {over}",
    "config.order_substituted": "no session in which this rule orders ({sessions}) takes {kind}, so another order goes: {instead}; "
    "write one that is taken, or `on_inadmissible: wait` or `fail`",
    # facts that are not known for certain
    "config.unverified_hours": "the hours of {session}, {hours}, are not verified ({source}); look at the exchange's notice "
    "and write what it says into your `market_facts`, under [[{market}.sessions]]",
    "config.unverified_hours_on": "the hours of {session} on {day} ({kind}), {hours}, are not verified ({source}); look at the exchange's "
    "notice and write what it says into your `market_facts`, under [[{market}.sessions]]",
    "config.unverified_kind": "whether {session} takes {kind} orders is not verified ({source}); look at your broker's page and "
    "write what it says into your `market_facts`, under [[{market}.acceptance]]",
    "config.unverified_step": "the price steps of {market}:{codes} are not verified ({source}); look at the exchange's page and "
    "write what it says into your `market_facts`, under [[{market}.ladders]]",
    "config.unverified_cost": "the costs of {market}, commission {commission} % and {tax} % on sells, are not verified ({source}); "
    "look at your broker's page and write what it says into your `market_facts`, under [[{market}.costs]]",
    "config.uncertain_closed": "{market} is taken to be closed on {day} ({name}), which no notice of the exchange confirms yet; "
    "say `certain = true` or `open = true` of it under [[{market}.closed]] in your `market_facts`",
    "config.uncertain_open": "{market} is taken to be open on {day} ({name}), which no notice of the exchange confirms yet; "
    "say `open = true` or nothing but the day under [[{market}.closed]] in your `market_facts`",
    "config.uncertain_special": "{day} ({name}) is taken to be a day of kind {kind} at {market}, which no notice of the exchange confirms "
    'yet; say so, or `kind = "ordinary"`, under [[{market}.special]] in your `market_facts`',
    "config.calendar_ends": "the closed days of {market} are known until {last} and {rule} is valid until {until}; after that every "
    "weekday counts as open: add the days and `last` to your `market_facts`",
    # the child process that reads for the daemon
    "config.child_timeout": "reading it took more than {seconds} seconds; make the file smaller",
    "config.child_died": "the process that reads it ended early ({reason}); make the file smaller, or check the machine's memory",
    # editing
    "config.changed_meanwhile": "{file} was changed by somebody else; look at it and try again",
    "config.no_such_rule": "{file} has no rule {rule}; see `autotrader list`",
    "config.edit_invalid": "the edit would make {file} invalid, so nothing was changed:\n{mistakes}",
    "config.edit_strays": "{file} is written in a way that this edit would alter elsewhere, so nothing was changed; edit it by hand",
}

KOREAN: dict[str, str] = {
    "config.unverified_hours": "{session} 시간대의 시간({hours})은 확인되지 않았습니다({source}). 거래소 공지를 보고 `market_facts` 파일의 "
    "[[{market}.sessions]]에 쓰세요",
    "config.unverified_hours_on": "{day}({kind}) {session} 시간대의 시간({hours})은 확인되지 않았습니다({source}). 거래소 공지를 보고 "
    "`market_facts` 파일의 [[{market}.sessions]]에 쓰세요",
    "config.unverified_kind": "{session} 시간대가 {kind} 주문을 받는지는 확인되지 않았습니다({source}). 증권사 안내를 보고 `market_facts` 파일의 "
    "[[{market}.acceptance]]에 쓰세요",
    "config.calendar_ends": "{market} 휴장일은 {last}까지만 알려져 있는데 {rule}은(는) {until}까지 유효합니다. 그 뒤의 평일은 모두 개장일로 봅니다. "
    "`market_facts` 파일에 휴장일과 `last`를 추가하세요",
    "config.past": "{until}은 이미 지난 날짜입니다(오늘 {today}). 규칙이 만료되었으니 날짜를 늦추거나 규칙을 지우세요",
    "config.over_cap": "{until}은 너무 깁니다. {market} 규칙의 유효기간은 최대 {cap}일입니다. 늦어도 {latest} 또는 {cap}d로 쓰세요",
    "config.order_stop_limit": "거래소의 스톱지정가 주문은 이번 버전에 없습니다. 조건을 `stop: 68000`으로, 주문을 "
    "`order: {{limit: 67900}}`로 쓰면 데몬이 감시합니다",
    "config.order_not_taken": "이 규칙이 주문하는 시간대({sessions})에는 {kind} 주문을 낼 수 없습니다{elsewhere}. "
    "가능한 주문({taken})으로 쓰세요{substitute}",
    "config.order_substituted": "이 규칙이 주문하는 시간대({sessions})에는 {kind} 주문을 낼 수 없어 다른 주문을 냅니다: {instead}. "
    "가능한 주문으로 쓰거나 `on_inadmissible: wait` 또는 `fail`로 정하세요",
    "config.unknown_session": "{market}에는 {session!r} 시간대가 없습니다{perhaps}. 있는 것: {known}",
    "config.session_ended": "{session} 시간대는 {day}에 없어졌습니다. 지우세요",
    "config.session_elsewhere": "{session}은(는) {venue}의 시간대인데 이 규칙은 거기서 시세를 보지도 주문하지도 않습니다. "
    "`watch: {venue}` 또는 `venue: {venue}`를 추가하거나 지우세요",
    "config.window_outside": "{window} 동안 이 규칙의 시간대({sessions})가 열리지 않아 발동할 수 없습니다. 시간을 바꾸거나 시간대를 추가하세요",
    "config.paper_in_live": "{account} 계좌는 모의 계좌라서 live 모드에서 쓸 수 없습니다. 지우거나 `mode: paper`로 쓰세요",
    "config.live_needs_broker": "live 모드에는 실제 증권사 계좌가 필요합니다. 계좌를 추가하거나 `mode: paper`로 쓰세요",
}
