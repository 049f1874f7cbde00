"""SQLite: one writer, numbered schema files, a journal, and the inbox segments beside it."""
