"""How long calls are kept, and the task in the background that removes what is not."""
