"""Who may see and change which team and project: the one place for the rules that all rooms' routes share."""
