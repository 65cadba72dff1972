"""What the console's Inference pages ask: the catalog, engines, models that are added, and how fast models are."""
