-- Orders of every kind, at a simulated exchange too, and how far the tape leaves their fills open.
ALTER TABLE orders ADD COLUMN tif TEXT NOT NULL DEFAULT 'day';
ALTER TABLE orders ADD COLUMN venue TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN stage TEXT NOT NULL DEFAULT 'prints';
ALTER TABLE orders ADD COLUMN stop TEXT;
-- 1 once a quote has told its place in the book.
ALTER TABLE orders ADD COLUMN quoted INTEGER NOT NULL DEFAULT 0;
-- What is queued before it; NULL where nobody knows.
ALTER TABLE orders ADD COLUMN ahead TEXT DEFAULT '0';
ALTER TABLE orders ADD COLUMN least TEXT NOT NULL DEFAULT '0';
ALTER TABLE orders ADD COLUMN most TEXT NOT NULL DEFAULT '0';
ALTER TABLE orders ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN ends INTEGER NOT NULL DEFAULT 0;
-- What was filled before had no range.
UPDATE orders SET least = filled, most = filled;
ALTER TABLE answers ADD COLUMN inadmissible INTEGER NOT NULL DEFAULT 0;
