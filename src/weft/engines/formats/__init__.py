"""What models write, taken apart: reasoning, text and tool calls, one file for each family's form."""
