"""What a model says about itself: read from a GGUF's header or from a folder in Hugging Face's form."""
