"""Usage: one record for each request that was let in, roll-ups of them, and the reports that these answer."""
