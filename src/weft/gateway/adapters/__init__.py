"""Adapters at the door: who may use which, by the names that requests have for them."""
