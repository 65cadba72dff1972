"""The door's requests as OpenTelemetry spans, sent to somebody else's collector."""
