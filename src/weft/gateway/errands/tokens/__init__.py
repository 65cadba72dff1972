"""Token ids of a text or a conversation, and the text of token ids: asked of the engine, and free."""
