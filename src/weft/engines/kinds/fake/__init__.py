"""The fake engine, for tests and demos: deterministic, and able to misbehave when told to."""
