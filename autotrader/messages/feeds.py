"""What is said of feeds: why a price link is down, and what is wrong with a recording or a dialect's name."""

ENGLISH: dict[str, str] = {
    "feed.unreachable": "no connection to {place}: {why}",
    "feed.closed": "the venue closed the link: {why}",
    "feed.refused": "the venue refused what we asked: {name}: {why}",
    "feed.shutdown": "the venue announced that it closes this connection soon",
    "feed.stale": "nothing came for {seconds} s, not even an answer to a ping",
    "feed.idle": "no rule needs this feed now",
    "feed.no_order_link": "the simulated exchange cannot be reached: the order was not sent",
    "feed.order_lost": "the link to the simulated exchange broke before its answer came",
    "feed.child_failed": "the price server {what} did not start: {why}",
    "feed.unknown_dialect": "dialect {name!r} is not known; there are {known}",
    "feed.no_dialect": "feed {feed}: {file} does not say which dialect it is in; write `dialect:` with one of {known}",
    "feed.no_file": "feed {feed}: the recording {file} cannot be read: {why}",
    "feed.not_a_recording": "{file}, line {line}: no line of a recording; expected `<receive ns> <frame>` or `<seconds>: b'<frame>'`",
    "feed.nothing_to_serve": "feed {feed}: write a `file:` to serve, or the `url:` of a server that serves one",
}

KOREAN: dict[str, str] = {
    "feed.unreachable": "{place}에 연결할 수 없음: {why}",
    "feed.closed": "거래소가 연결을 끊음: {why}",
    "feed.refused": "거래소가 요청을 거부함: {name}: {why}",
    "feed.shutdown": "거래소가 곧 이 연결을 닫는다고 알림",
    "feed.stale": "{seconds}초 동안 시세도 핑 응답도 없음",
    "feed.no_order_link": "모의 거래소에 연결할 수 없어 주문을 보내지 않음",
    "feed.order_lost": "모의 거래소의 응답 전에 연결이 끊김",
    "feed.idle": "지금 이 시세를 쓰는 규칙이 없음",
    "feed.child_failed": "시세 서버 {what} 시작 실패: {why}",
}
