"""What spans say about models, messages and tools, in the words of each convention; one file each, pure functions."""
