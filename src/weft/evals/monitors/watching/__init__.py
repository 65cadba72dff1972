"""The work of monitors: what they look at, what they take on, what judging costs, and whom they tell."""
