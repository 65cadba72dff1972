"""OpenAI's shapes: what a client sends and an engine answers. Pure: bytes in, bytes out."""
