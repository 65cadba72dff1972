"""What requests through the door leave in traces: one id in the usage record, the ledger, the log line and the call."""
