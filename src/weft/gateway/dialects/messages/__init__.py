"""Anthropic's Messages API: `POST /v1/messages`, and how many tokens a request has."""
