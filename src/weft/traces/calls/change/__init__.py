"""What is done to calls after they were written: a new display name, and their removal."""
