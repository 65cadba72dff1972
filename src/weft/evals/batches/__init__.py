"""Evaluations of several models under one budget: estimated before they start, stopped and resumed, never dearer."""
