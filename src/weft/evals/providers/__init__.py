"""Providers of people's own: servers that speak the OpenAI API, which a project's members add to the playground."""
