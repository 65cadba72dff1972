"""Makes `weft/tiny-chat` from nothing: text, tokenizer, training, export and release gate."""
