"""A person's own user: e-mail, password, and where they are logged in."""
