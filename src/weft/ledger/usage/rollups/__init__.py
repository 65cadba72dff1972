"""Roll-ups: sums of usage by hour, day and month, written with the records, folded when an hour is over."""
