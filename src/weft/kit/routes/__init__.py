"""What routes of all rooms share: the description of what they take, and how routers hand them on."""
