"""Who may use an engine now, and who waits: places, and a queue that is fair between projects."""
