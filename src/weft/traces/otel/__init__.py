"""OpenTelemetry traces in: spans of any program become calls."""
