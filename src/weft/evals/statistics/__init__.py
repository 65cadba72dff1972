"""How sure a score is, and whether one model's is really better than another's. Pure: rows in, figures out.

Two rules hold everywhere: figures are of rows that both sides have, and the same rows give the same figures (random
numbers start from a seed of the data's own).
"""
