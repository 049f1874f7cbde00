"""What is said of the store: its lock, its health, and the way out when it is damaged."""

ENGLISH: dict[str, str] = {
    "store.another_instance": "another autotrader (process {pid}) is using {directory}; stop it first, or give another --state",
    "store.none": "there is no store in {directory} yet; it is made by the first `autotrader run` or `add`",
    "store.cannot_read": "{path} cannot be read: {finding}; is it yours, and does another program hold it?",
    "store.damaged": (
        "{path} is damaged: {finding}. It was left as it is and nothing was started. Copy the whole directory away; "
        "then restore a backup, or recover it with `sqlite3 {path} .recover`; compare your orders at the broker before you start again"
    ),
    "store.unreadable_row": (
        "the store's table {table} has a row that cannot be true: {finding}, in {row}. Nothing was started. "
        "Copy the whole directory away and restore a backup; compare your orders at the broker before you start again"
    ),
    "store.newer": "{path} was written by a newer autotrader (schema {version}, this one knows {known}); install that version or newer",
    "store.commit_failed": "writing to {path} failed: {finding}. Nothing more is sent or written; a new start reads back what is there",
    "store.refuses": "{path} takes nothing more after a failed write; a new start reads back what is there",
    "store.fenced": "{path} was opened by another process after start {epoch}; this one writes nothing more",
    "store.not_durable": "{path} cannot be made safe against a power cut: {setting} is {found}; use a local disk",
    "store.old_sqlite": "the SQLite library is {version}; {wanted} or newer is safer against a rare damage of the store",
    "store.no_reserve": "the disk of {directory} is nearly full: no reserve could be set aside",
    "store.full": "the disk of {directory} is full; what is in flight is recorded from the reserve, nothing new is armed",
    "store.inbox_lost": (
        "the record of events in {directory} has a gap: {count} batches were not written ({finding}); rules and orders are not affected"
    ),
}

KOREAN: dict[str, str] = {
    "store.another_instance": "다른 autotrader(프로세스 {pid})가 {directory}을(를) 사용 중입니다. 먼저 종료하거나 다른 --state를 쓰세요",
    "store.none": "{directory}에 아직 저장소가 없습니다. `autotrader run` 또는 `add`를 처음 실행하면 만들어집니다",
    "store.damaged": (
        "{path}이(가) 손상되었습니다: {finding}. 파일은 그대로 두었고 아무것도 시작하지 않았습니다. 디렉터리 전체를 복사해 두고 "
        "백업을 복원하거나 `sqlite3 {path} .recover`로 복구하세요. 다시 시작하기 전에 증권사의 주문 내역과 비교하세요"
    ),
    "store.unreadable_row": (
        "저장소의 {table} 테이블에 있을 수 없는 행이 있습니다: {finding}, {row}. 아무것도 시작하지 않았습니다. "
        "디렉터리 전체를 복사해 두고 백업을 복원하세요. 다시 시작하기 전에 증권사의 주문 내역과 비교하세요"
    ),
    "store.newer": "{path}은(는) 더 새로운 autotrader가 기록했습니다(스키마 {version}, 이 버전은 {known}까지). 그 버전 이상을 설치하세요",
    "store.commit_failed": "{path} 쓰기 실패: {finding}. 더는 보내거나 기록하지 않습니다. 다시 시작하면 기록부터 확인합니다",
    "store.refuses": "{path}은(는) 쓰기 실패 후 더 이상 기록을 받지 않습니다. 다시 시작하면 기록된 내용부터 확인합니다",
    "store.fenced": "{path}을(를) 시작 {epoch} 이후 다른 프로세스가 열었습니다. 이 프로세스는 더 이상 기록하지 않습니다",
    "store.not_durable": "{path}은(는) 정전에 안전하지 않습니다: {setting} 값이 {found}입니다. 로컬 디스크를 사용하세요",
    "store.full": "{directory}의 디스크가 가득 찼습니다. 진행 중인 것만 예비 공간에 기록하고 새로 감시를 시작하지 않습니다",
}
