"""Results of evaluations side by side: rows of a dataset x evaluations, with trials, scores, latency, tokens, cost."""
