"""Settings by subject, each group a base of `Settings`: the file that holds them all would be too long."""
