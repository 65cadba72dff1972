"""The probes themselves: one for each feature, in files by what they look at."""
