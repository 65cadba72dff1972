"""What all routes of traces share: who is let in, how bodies are read, how errors look."""
