"""New models: a card of what a model says about itself, and its weights. Shared by the command line and the console."""
