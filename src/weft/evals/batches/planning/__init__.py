"""From what is wanted to what is asked: models, scorers and an evaluation, as objects that clients read, too."""
