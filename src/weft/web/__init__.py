"""The pages a browser gets: for now one, that says what runs here and how to call it."""
