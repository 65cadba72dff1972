"""Proof: what shows that the books were not changed, to us and to those who pay."""
