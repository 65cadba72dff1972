"""Invitations: links that let one person each into a team."""
