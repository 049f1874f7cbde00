-- A paper account. Decimals are exact text, times ns since the epoch UTC.
CREATE TABLE account (name TEXT NOT NULL, born INTEGER NOT NULL);
CREATE TABLE cash (currency TEXT PRIMARY KEY, total TEXT NOT NULL);
CREATE TABLE positions (instrument TEXT PRIMARY KEY, quantity TEXT NOT NULL, cost TEXT NOT NULL);
CREATE TABLE orders (
    number INTEGER PRIMARY KEY,
    order_id TEXT NOT NULL UNIQUE,
    client_id TEXT NOT NULL,
    instrument TEXT NOT NULL,
    side TEXT NOT NULL,
    type TEXT NOT NULL,
    quantity TEXT NOT NULL,
    price TEXT,
    status TEXT NOT NULL,
    filled TEXT NOT NULL,
    reason TEXT NOT NULL,
    resting INTEGER NOT NULL
);
CREATE TABLE executions (
    number INTEGER PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (order_id),
    execution_id TEXT NOT NULL UNIQUE,
    price TEXT NOT NULL,
    quantity TEXT NOT NULL,
    fee TEXT NOT NULL,
    time INTEGER NOT NULL
);
-- The first answer to every client id, refusals too: a repeated id gets it again, for ever.
CREATE TABLE answers (client_id TEXT PRIMARY KEY, kind TEXT NOT NULL, order_id TEXT NOT NULL, detail TEXT NOT NULL);
