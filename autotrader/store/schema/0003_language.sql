-- The whole rule language: several legs on one quantity, what follows an order that is asked back, attached rules.

ALTER TABLE rules ADD COLUMN parent TEXT NOT NULL DEFAULT '';
ALTER TABLE rules ADD COLUMN lot TEXT;
ALTER TABLE rules ADD COLUMN "left" TEXT;
ALTER TABLE rules ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0 CHECK (repeats >= 0);
ALTER TABLE rules ADD COLUMN noticed INTEGER NOT NULL DEFAULT 0 CHECK (noticed IN (0, 1));

ALTER TABLE legs ADD COLUMN not_before INTEGER NOT NULL DEFAULT 0;
ALTER TABLE legs ADD COLUMN basis TEXT CHECK (basis IS NULL OR json_valid(basis));
ALTER TABLE legs ADD COLUMN breakeven INTEGER NOT NULL DEFAULT 0 CHECK (breakeven IN (0, 1));
ALTER TABLE legs ADD COLUMN gap_ok INTEGER NOT NULL DEFAULT 0 CHECK (gap_ok IN (0, 1));

ALTER TABLE intents ADD COLUMN "next" TEXT NOT NULL DEFAULT '' CHECK ("next" IN ('', 'reprice', 'market', 'cancel', 'yield'));
ALTER TABLE intents ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE intents ADD COLUMN steps INTEGER NOT NULL DEFAULT 0;

-- A mark that several legs share: one row moves however many follow it.
ALTER TABLE marks ADD COLUMN peak TEXT NOT NULL DEFAULT '';
CREATE TABLE peaks (
    name  TEXT PRIMARY KEY NOT NULL,
    price TEXT NOT NULL,
    time  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What attaches to newly bought holdings; kept, so that a file that cannot be read attaches as before.
CREATE TABLE templates (
    id       TEXT PRIMARY KEY NOT NULL,
    template TEXT NOT NULL CHECK (json_valid(template)),
    version  INTEGER NOT NULL CHECK (version >= 0),
    in_file  INTEGER NOT NULL CHECK (in_file IN (0, 1))
) STRICT, WITHOUT ROWID;

-- When an account's holdings were first told: what was there then was not bought under our eyes.
CREATE TABLE accounts (
    account TEXT PRIMARY KEY NOT NULL,
    since   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
