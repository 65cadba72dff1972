"""Projects as places that data is kept in: who may enter one, and what happens when it goes."""
