"""Room: upstream."""
