"""Tables: rows by content, and ordered lists of rows, which may have millions of them."""
