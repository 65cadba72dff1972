"""What SQLite and PostgreSQL do differently, one file each; only `weft.kit.db` calls them."""
