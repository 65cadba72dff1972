"""OpenAI's Responses API without its store: `POST /v1/responses`."""
