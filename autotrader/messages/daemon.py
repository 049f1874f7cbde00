"""What is said of the daemon, its control socket and its service manager."""

ENGLISH: dict[str, str] = {
    "control.not_running": "no daemon listens at {path}: start it with `autotrader run`",
    "control.not_allowed": "you may not speak to the daemon at {path}: run this as its user, or join the group of that socket",
    "control.no_answer": "the daemon did not answer within {seconds} s; it may still carry out request {request}",
    "control.answer_lost": "the daemon hung up before it answered request {request}; look with `autotrader status` what was done",
    "control.slow": "the daemon is still busy with this after {seconds} s; it may yet be carried out: look before you repeat it",
    "control.unreadable": "this is not a request of the control protocol: {fault}",
    "control.version": "the other side speaks version {theirs} of the control protocol and this one {ours}: restart the daemon after an upgrade",
    "control.too_long": "a request may have {limit} bytes and no more",
    "control.reply_too_long": "the answer is longer than {limit} bytes: ask for less, with a limit or a rule",
    "control.busy": "{limit} commands are speaking to the daemon already: try again when one of them has ended",
    "control.stranger": "the daemon takes commands only from its own user, root, and the members of its control group",
    "control.taken": "another daemon answers at {path}",
    "control.not_a_socket": "{path} is in the way: it is not a socket, so it was left alone; move it or choose another place",
    "control.no_group": "there is no group {group!r} on this machine: create it, or leave the control group out",
    "control.name_too_long": "the socket name {name!r} is too long: with its directory it may have {limit} bytes",
    "notify.dropped": "{count} log lines were lost because nothing took them",
    "systemd.late": "no progress for too long: {parties}; the watchdog is not fed until there is",
}

KOREAN: dict[str, str] = {
    "control.not_running": "{path}에서 응답하는 데몬이 없습니다: `autotrader run`으로 시작하십시오",
    "control.not_allowed": "{path}의 데몬에 접근할 권한이 없습니다: 데몬의 사용자로 실행하거나 소켓의 그룹에 가입하십시오",
    "control.no_answer": "데몬이 {seconds}초 안에 응답하지 않았습니다. 요청 {request}은(는) 아직 처리될 수 있습니다",
    "control.answer_lost": "요청 {request}의 응답 전에 연결이 끊겼습니다. `autotrader status`로 결과를 확인하십시오",
    "control.slow": "데몬이 {seconds}초가 지나도록 처리 중입니다. 나중에 처리될 수 있으니 다시 요청하기 전에 확인하십시오",
    "control.stranger": "데몬은 자신의 사용자, root, 제어 그룹의 구성원의 명령만 받습니다",
    "control.taken": "{path}에서 다른 데몬이 이미 응답하고 있습니다",
}
