"""Annotation queues: calls that wait for people to judge them, and how far each person has got."""
