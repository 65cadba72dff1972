"""Room: engines."""
