-- Every order type of the venues, and on which venue; halts that outlive the process; the day of a base price.
-- The list of types is a CHECK of `intents`, so that table is built anew. Its children step aside meanwhile: a table that is
-- referred to cannot be dropped within a transaction.

CREATE TABLE attempts_aside AS SELECT * FROM attempts;
DELETE FROM attempts;

CREATE TABLE intents_new (
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
    withdrawn     INTEGER NOT NULL DEFAULT 0 CHECK (withdrawn IN (0, 1)),
    FOREIGN KEY (rule, leg, generation) REFERENCES shots (rule, leg, generation) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

INSERT INTO intents_new (
    id, rule, leg, generation, number, status, account, instrument, side, type, quantity, price, client_id, created, deadline,
    reserved, sellable_seen, tick, urgency, order_id, filled, attempts, retry_at, reason
) SELECT
    id, rule, leg, generation, number, status, account, instrument, side, type, quantity, price, client_id, created, deadline,
    reserved, sellable_seen, tick, urgency, order_id, filled, attempts, retry_at, reason
FROM intents;

DROP TABLE intents;
ALTER TABLE intents_new RENAME TO intents;
INSERT INTO attempts SELECT * FROM attempts_aside;
DROP TABLE attempts_aside;

ALTER TABLE prices ADD COLUMN base_day TEXT NOT NULL DEFAULT '';

-- Whether an issue (or with an empty instrument the whole venue) trades, on top of its hours.
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
