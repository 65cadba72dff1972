"""A project as a whole: how much is kept of it, and what is done to what comes in."""
