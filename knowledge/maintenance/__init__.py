"""Looking after a database: backups of it, and whether it is in order."""
