CREATE TABLE invoices (
  id INTEGER PRIMARY KEY,
  lines TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'open',
  total REAL,
  done_by TEXT,
  times INTEGER NOT NULL DEFAULT 0
);
