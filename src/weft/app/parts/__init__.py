"""Groups of parts, each built in a file of its own for the composition root."""
