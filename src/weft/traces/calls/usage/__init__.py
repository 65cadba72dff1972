"""What calls used with everything below them, by model; `tree` is the way in."""
