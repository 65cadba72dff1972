"""`weft models`: weights on disk, cards of one's own, and the engines of a running server."""
