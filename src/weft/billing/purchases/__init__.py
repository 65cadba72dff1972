"""Purchases of credit: recorded by an admin, or paid through a payment provider."""
