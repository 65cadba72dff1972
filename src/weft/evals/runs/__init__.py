"""Evaluations that run on the server: models and judges that are plain settings, never code that somebody stored."""
