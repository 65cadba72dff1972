"""Leaderboards: which model came to what in which evaluation."""
