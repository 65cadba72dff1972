"""May this request start: plans, limits, admission, country; every refusal says what to do."""
