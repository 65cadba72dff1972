"""Copies of a whole database: from SQLite or PostgreSQL to either, every table, every row, all or nothing."""
