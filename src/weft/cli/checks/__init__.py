"""What `weft doctor` looks at, one file for each place to look. Nothing here changes anything, or raises."""
