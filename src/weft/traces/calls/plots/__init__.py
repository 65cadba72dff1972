"""Figures of all calls that a question finds, in bins: what the plots above the console's table are drawn of."""
