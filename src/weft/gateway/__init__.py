"""The OpenAI-compatible door: from bytes to tokens and back, authenticated, limited, metered."""
