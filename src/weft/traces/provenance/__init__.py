"""Where rows of datasets came from: links from rows to the calls, spans and conversations that they were made of."""
