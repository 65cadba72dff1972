"""What runs when: how many replicas of each model, where there is memory for them, and what sleeps."""
