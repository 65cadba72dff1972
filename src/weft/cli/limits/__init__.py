"""Commands about what may start."""
