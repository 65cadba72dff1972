"""Evaluation runs, predictions and scores by plain HTTP: calls in the shapes that `EvaluationLogger` writes."""
