"""Keeping everything in SQLite or PostgreSQL: transactions, tables, revisions of entries."""
