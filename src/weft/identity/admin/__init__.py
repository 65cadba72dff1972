"""Teams, members, projects and users over the API: what the console's settings are made of, and scripts may use."""
