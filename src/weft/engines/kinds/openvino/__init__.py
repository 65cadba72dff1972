"""OpenVINO GenAI as an engine: `plan.py` for Weft, the rest for the child, a small OpenAI server of our own."""
