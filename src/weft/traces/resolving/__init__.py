"""What references stand for: their values, along paths into objects, lists and tables, across projects."""
