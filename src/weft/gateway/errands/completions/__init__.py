"""Plain completions: a text goes on as the model would write it, with no template around it."""
