"""Password resets: links that an administrator makes for one user each."""
