"""The commands about evaluations and leaderboards."""
