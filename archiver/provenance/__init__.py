"""The index: where every byte came from, in SQLite. docs/database.md is made from what is written here."""
