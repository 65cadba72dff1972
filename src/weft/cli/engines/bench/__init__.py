"""`weft models bench`: the command, the trial of one engine, and what a card prefers by it."""
