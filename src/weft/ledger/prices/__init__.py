"""The price book: every dated price that was ever in force, kept for recomputing what was charged."""
