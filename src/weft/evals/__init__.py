"""Evaluations: what the client and the console ask of them beyond plain traces, and runs on the server.

Everything here is thin over traces: runs, predictions and scores are calls, evaluations and models are objects. Models
are asked through `door.Door`, which is Weft's own inference door.
"""
