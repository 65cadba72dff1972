"""The commands about the database as a whole: migrate, backup, restore and copy."""
