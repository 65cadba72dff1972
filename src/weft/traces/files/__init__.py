"""Files by content: code of ops, images, audio and whatever else values point to."""
