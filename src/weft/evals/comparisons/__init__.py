"""Runs of evaluations, listed and held against each other: means with intervals, tests against a baseline, rows.

A row is one row of a dataset, known by its digest in every run. Its trials are averaged before anything else is worked
out, so that ten trials of one row never count as ten rows.
"""
