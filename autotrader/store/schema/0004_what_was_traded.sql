-- What was seen to trade on a day, for rules that ask how much: a restart does not count from nothing.

ALTER TABLE prices ADD COLUMN volume TEXT NOT NULL DEFAULT '0';
ALTER TABLE prices ADD COLUMN volume_day TEXT NOT NULL DEFAULT '';

-- What earlier generations have traded of a leg's share, when it goes on with what the close has left.
ALTER TABLE legs ADD COLUMN taken TEXT NOT NULL DEFAULT '0';
