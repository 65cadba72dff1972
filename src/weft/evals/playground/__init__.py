"""What the playground keeps: models with their settings, as objects, and the chats that were had, as calls."""
