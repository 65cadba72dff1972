"""The outline of a trace: all of its calls with what a tree shows of them, and none of their texts."""
