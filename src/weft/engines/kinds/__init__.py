"""The kinds of engines: one file for each says how it is started and in what it differs from the OpenAI API."""
