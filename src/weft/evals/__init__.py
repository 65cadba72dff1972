"""Evaluations over traces: results by row, runs, scores, and the runs that the server makes itself."""
