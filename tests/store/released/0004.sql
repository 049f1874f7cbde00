BEGIN TRANSACTION;
CREATE TABLE accounts (
    account TEXT PRIMARY KEY NOT NULL,
    since   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE alerts (
    number  INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    subject TEXT NOT NULL,
    note    TEXT NOT NULL CHECK (json_valid(note)),
    seen    INTEGER NOT NULL DEFAULT 0 CHECK (seen IN (0, 1))
) STRICT;
INSERT INTO "alerts" VALUES(1,1723161600000000000,'daemon','{"code":"store.full","params":{}}',0);
CREATE TABLE attempts (
    intent   TEXT NOT NULL REFERENCES intents (id) DEFERRABLE INITIALLY DEFERRED,
    number   INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    outcome  TEXT NOT NULL CHECK (outcome IN ('', 'accepted', 'refused', 'not_sent', 'unknown')),
    answered INTEGER NOT NULL,
    order_id TEXT NOT NULL,
    detail   TEXT NOT NULL,
    PRIMARY KEY (intent, number)
) STRICT, WITHOUT ROWID;
INSERT INTO "attempts" VALUES('samsung/stop/1/1',1,1723161600000000000,'',0,'','');
CREATE TABLE cash (
    account  TEXT NOT NULL,
    currency TEXT NOT NULL,
    total    TEXT NOT NULL,
    free     TEXT NOT NULL,
    PRIMARY KEY (account, currency)
) STRICT, WITHOUT ROWID;
CREATE TABLE fills (
    account      TEXT NOT NULL,
    execution_id TEXT NOT NULL,
    order_id     TEXT NOT NULL,
    intent       TEXT,
    instrument   TEXT NOT NULL,
    side         TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
    price        TEXT NOT NULL,
    quantity     TEXT NOT NULL,
    fee          TEXT NOT NULL,
    time         INTEGER NOT NULL,
    PRIMARY KEY (account, execution_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "fills" VALUES('main','e-1','o-1','samsung/stop/1/1','KRX:005930','sell','67900','10','12.5',1723161600000000000);
CREATE TABLE "intents" (
    id            TEXT PRIMARY KEY NOT NULL,
    rule          TEXT NOT NULL,
    leg           TEXT NOT NULL,
    generation    INTEGER NOT NULL,
    number        INTEGER NOT NULL CHECK (number >= 0),
    status        TEXT NOT NULL CHECK (status IN (
        'intent', 'sending', 'accepted', 'refused', 'not_sent', 'unknown', 'working', 'partial', 'filled', 'cancelled',
        'expired', 'held'
    )),
    account       TEXT NOT NULL,
    instrument    TEXT NOT NULL,
    side          TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
    type          TEXT NOT NULL CHECK (type IN (
        'market', 'limit', 'conditional', 'best', 'priority', 'midpoint', 'stop_limit', 'close_price', 'moo', 'loo', 'moc', 'loc'
    )),
    quantity      TEXT NOT NULL,
    price         TEXT,
    client_id     TEXT NOT NULL,
    created       INTEGER NOT NULL,
    deadline      INTEGER NOT NULL,
    reserved      TEXT NOT NULL,
    sellable_seen TEXT,
    tick          TEXT NOT NULL CHECK (json_valid(tick)),
    urgency       INTEGER NOT NULL,
    order_id      TEXT,
    filled        TEXT NOT NULL,
    attempts      INTEGER NOT NULL,
    retry_at      INTEGER NOT NULL,
    reason        TEXT CHECK (reason IS NULL OR json_valid(reason)),
    tif           TEXT NOT NULL DEFAULT 'day' CHECK (tif IN ('day', 'ioc', 'fok')),
    venue         TEXT NOT NULL DEFAULT '',
    recheck       INTEGER NOT NULL DEFAULT 0 CHECK (recheck IN (0, 1)),
    withdrawn     INTEGER NOT NULL DEFAULT 0 CHECK (withdrawn IN (0, 1)), "next" TEXT NOT NULL DEFAULT '' CHECK ("next" IN ('', 'reprice', 'market', 'cancel', 'yield')), asked INTEGER NOT NULL DEFAULT 0, steps INTEGER NOT NULL DEFAULT 0,
    FOREIGN KEY (rule, leg, generation) REFERENCES shots (rule, leg, generation) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;
INSERT INTO "intents" VALUES('samsung/stop/1/1','samsung','stop',1,1,'intent','main','KRX:005930','sell','market','10',NULL,'x-samsung-1',1723161600000000000,0,'10','100','{"price":"67900","time":1723161600000000000,"sequence":7,"ordinal":0}',1,NULL,'0',0,0,NULL,'day','',0,0,'',0,0);
CREATE TABLE journal (
    number  INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    subject TEXT NOT NULL,
    before  TEXT NOT NULL,
    after   TEXT NOT NULL,
    note    TEXT NOT NULL CHECK (json_valid(note)),
    by      TEXT NOT NULL
) STRICT;
INSERT INTO "journal" VALUES(1,1723161600000000000,'samsung/stop','watching','fired','{"code":"engine.fired","params":{"price":"67900"}}','engine');
CREATE TABLE legs (
    rule         TEXT NOT NULL REFERENCES rules (id) DEFERRABLE INITIALLY DEFERRED,
    leg          TEXT NOT NULL,
    generation   INTEGER NOT NULL CHECK (generation >= 0),
    status       TEXT NOT NULL CHECK (status IN (
        'waiting', 'watching', 'paused', 'fired', 'done', 'failed', 'cancelled', 'expired', 'superseded', 'rejected', 'held'
    )),
    armed        INTEGER NOT NULL,
    arm_price    TEXT,
    before_pause TEXT CHECK (before_pause IN (
        'waiting', 'watching', 'paused', 'fired', 'done', 'failed', 'cancelled', 'expired', 'superseded', 'rejected', 'held'
    )),
    crossed      INTEGER NOT NULL CHECK (crossed IN (0, 1)),
    epoch        INTEGER,
    reason       TEXT CHECK (reason IS NULL OR json_valid(reason)), not_before INTEGER NOT NULL DEFAULT 0, basis TEXT CHECK (basis IS NULL OR json_valid(basis)), breakeven INTEGER NOT NULL DEFAULT 0 CHECK (breakeven IN (0, 1)), gap_ok INTEGER NOT NULL DEFAULT 0 CHECK (gap_ok IN (0, 1)), taken TEXT NOT NULL DEFAULT '0',
    PRIMARY KEY (rule, leg)
) STRICT, WITHOUT ROWID;
INSERT INTO "legs" VALUES('hynix','stop',1,'watching',1723161600000000000,'70000',NULL,1,NULL,NULL,0,NULL,0,0,'0');
INSERT INTO "legs" VALUES('samsung','stop',1,'fired',1723161600000000000,'70000',NULL,1,NULL,NULL,0,NULL,0,0,'0');
CREATE TABLE marks (
    rule            TEXT NOT NULL,
    leg             TEXT NOT NULL,
    generation      INTEGER NOT NULL CHECK (generation >= 0),
    price           TEXT NOT NULL,
    time            INTEGER NOT NULL,
    activated_price TEXT NOT NULL,
    activated_time  INTEGER NOT NULL, peak TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (rule, leg)
) STRICT, WITHOUT ROWID;
INSERT INTO "marks" VALUES('hynix','stop',1,'71000',1723161600000000000,'70500',1723161600000000000,'');
CREATE TABLE meta (
    key   TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "meta" VALUES('epoch','1');
INSERT INTO "meta" VALUES('instance','3edce20d');
INSERT INTO "meta" VALUES('last_alive','1723161600000000000');
CREATE TABLE peaks (
    name  TEXT PRIMARY KEY NOT NULL,
    price TEXT NOT NULL,
    time  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE positions (
    account    TEXT NOT NULL,
    instrument TEXT NOT NULL,
    quantity   TEXT NOT NULL,
    sellable   TEXT NOT NULL,
    cost       TEXT,
    epoch      INTEGER NOT NULL,
    PRIMARY KEY (account, instrument)
) STRICT, WITHOUT ROWID;
CREATE TABLE prices (
    instrument     TEXT PRIMARY KEY NOT NULL,
    price          TEXT NOT NULL,
    time           INTEGER NOT NULL,
    sequence       INTEGER NOT NULL,
    feed           TEXT NOT NULL,
    previous_close TEXT
, base_day TEXT NOT NULL DEFAULT '', volume TEXT NOT NULL DEFAULT '0', volume_day TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID;
CREATE TABLE requests (
    id    TEXT PRIMARY KEY NOT NULL,
    at    INTEGER NOT NULL,
    reply TEXT NOT NULL CHECK (json_valid(reply))
) STRICT, WITHOUT ROWID;
CREATE TABLE rule_versions (
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    rule    TEXT NOT NULL CHECK (json_valid(rule)),
    at      INTEGER NOT NULL,
    PRIMARY KEY (id, version)
) STRICT, WITHOUT ROWID;
INSERT INTO "rule_versions" VALUES('hynix',1,'{"id":"hynix","account":"main","instrument":"KRX:005930","side":"sell","quantity":"10","legs":[{"name":"stop","trigger":{"kind":"stop","level":{"kind":"price","price":"68000"}},"share":null,"limit_offset":null,"then":null,"order":null}]}',1723161600000000000);
INSERT INTO "rule_versions" VALUES('samsung',1,'{"id":"samsung","account":"main","instrument":"KRX:005930","side":"sell","quantity":"10","legs":[{"name":"stop","trigger":{"kind":"stop","level":{"kind":"price","price":"68000"}},"share":null,"limit_offset":null,"then":null,"order":null}]}',1723161600000000000);
CREATE TABLE rules (
    seat       INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    version    INTEGER NOT NULL CHECK (version >= 0),
    generation INTEGER NOT NULL CHECK (generation >= 0),
    origin     TEXT NOT NULL CHECK (origin IN ('yaml', 'cli')),
    created    INTEGER NOT NULL,
    changed    INTEGER NOT NULL,
    expires    TEXT NOT NULL,
    in_file    INTEGER NOT NULL CHECK (in_file IN (0, 1)),
    rule       TEXT NOT NULL CHECK (json_valid(rule)),
    account    TEXT GENERATED ALWAYS AS (json_extract(rule, '$.account')) VIRTUAL,
    instrument TEXT GENERATED ALWAYS AS (json_extract(rule, '$.instrument')) VIRTUAL,
    side       TEXT GENERATED ALWAYS AS (json_extract(rule, '$.side')) VIRTUAL
, parent TEXT NOT NULL DEFAULT '', lot TEXT, "left" TEXT, repeats INTEGER NOT NULL DEFAULT 0 CHECK (repeats >= 0), noticed INTEGER NOT NULL DEFAULT 0 CHECK (noticed IN (0, 1))) STRICT;
INSERT INTO "rules" VALUES(1,'samsung',1,1,'cli',1723161600000000000,1723161600000000000,'2026-12-31',0,'{"id":"samsung","account":"main","instrument":"KRX:005930","side":"sell","quantity":"10","legs":[{"name":"stop","trigger":{"kind":"stop","level":{"kind":"price","price":"68000"}},"share":null,"limit_offset":null,"then":null,"order":null}]}','',NULL,NULL,0,0);
INSERT INTO "rules" VALUES(2,'hynix',1,1,'cli',1723161600000000000,1723161600000000000,'2026-12-31',0,'{"id":"hynix","account":"main","instrument":"KRX:005930","side":"sell","quantity":"10","legs":[{"name":"stop","trigger":{"kind":"stop","level":{"kind":"price","price":"68000"}},"share":null,"limit_offset":null,"then":null,"order":null}]}','',NULL,NULL,0,0);
CREATE TABLE shots (
    rule       TEXT NOT NULL,
    leg        TEXT NOT NULL,
    generation INTEGER NOT NULL CHECK (generation >= 0),
    version    INTEGER NOT NULL CHECK (version >= 0),
    at         INTEGER NOT NULL,
    before     TEXT CHECK (before IS NULL OR json_valid(before)),
    crossed    TEXT NOT NULL CHECK (json_valid(crossed)),
    mark       TEXT,
    level      TEXT NOT NULL,
    why        TEXT NOT NULL CHECK (json_valid(why)),
    late       INTEGER NOT NULL CHECK (late IN (0, 1)),
    down       INTEGER NOT NULL CHECK (down >= 0),
    PRIMARY KEY (rule, leg, generation)
) STRICT, WITHOUT ROWID;
INSERT INTO "shots" VALUES('samsung','stop',1,1,1723161600000000000,NULL,'{"price":"67900","time":1723161600000000000,"sequence":7,"ordinal":0}',NULL,'68000','{"code":"engine.fired","params":{"price":"67900"}}',0,0);
CREATE TABLE templates (
    id       TEXT PRIMARY KEY NOT NULL,
    template TEXT NOT NULL CHECK (json_valid(template)),
    version  INTEGER NOT NULL CHECK (version >= 0),
    in_file  INTEGER NOT NULL CHECK (in_file IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE TABLE trading (
    venue      TEXT NOT NULL,
    instrument TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('open', 'vi', 'halt', 'restart', 'suspended', 'closed')),
    since      INTEGER NOT NULL,
    until      INTEGER NOT NULL,
    feed       TEXT NOT NULL,
    reason     TEXT NOT NULL,
    PRIMARY KEY (venue, instrument)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER rules_keep_first_version AFTER INSERT ON rules
WHEN NOT EXISTS (SELECT 1 FROM rule_versions WHERE id = NEW.id AND version = NEW.version)
BEGIN
    INSERT INTO rule_versions (id, version, rule, at) VALUES (NEW.id, NEW.version, NEW.rule, NEW.changed);
END;
CREATE TRIGGER rules_keep_next_version AFTER UPDATE ON rules
WHEN NOT EXISTS (SELECT 1 FROM rule_versions WHERE id = NEW.id AND version = NEW.version)
BEGIN
    INSERT INTO rule_versions (id, version, rule, at) VALUES (NEW.id, NEW.version, NEW.rule, NEW.changed);
END;
CREATE TRIGGER shots_are_for_ever BEFORE UPDATE ON shots
BEGIN
    SELECT RAISE(ABORT, 'a shot is never changed');
END;
CREATE TRIGGER shots_are_kept BEFORE DELETE ON shots
BEGIN
    SELECT RAISE(ABORT, 'a shot is never forgotten');
END;
CREATE INDEX fills_by_intent ON fills (intent);
CREATE TRIGGER fills_are_for_ever BEFORE UPDATE ON fills
BEGIN
    SELECT RAISE(ABORT, 'a fill is never changed');
END;
CREATE TRIGGER fills_are_kept BEFORE DELETE ON fills
BEGIN
    SELECT RAISE(ABORT, 'a fill is never forgotten');
END;
CREATE INDEX journal_by_subject ON journal (subject);
CREATE TRIGGER journal_is_never_changed BEFORE UPDATE ON journal
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;
CREATE TRIGGER journal_is_never_shortened BEFORE DELETE ON journal
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;
CREATE INDEX alerts_unseen ON alerts (number) WHERE seen = 0;
CREATE TRIGGER alerts_are_never_rewritten BEFORE UPDATE OF number, at, subject, note ON alerts
BEGIN
    SELECT RAISE(ABORT, 'an alert is never changed');
END;
CREATE TRIGGER alerts_are_kept BEFORE DELETE ON alerts
BEGIN
    SELECT RAISE(ABORT, 'an alert is never forgotten');
END;
COMMIT;
