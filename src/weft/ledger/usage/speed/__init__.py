"""How fast each model answers, measured from usage records."""
