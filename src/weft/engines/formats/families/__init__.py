"""One file for each way in which a family of models writes reasoning and tool calls."""
