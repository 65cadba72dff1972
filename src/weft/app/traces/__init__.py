"""The trace store as the composition root puts it together."""
