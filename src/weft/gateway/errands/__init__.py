"""What can be asked of an engine through the door, one kind for each endpoint; `types.py` says what a kind is."""
