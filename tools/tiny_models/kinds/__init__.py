"""One file for each architecture: its configuration, its weights by published names, its GGUF keys and layout."""
