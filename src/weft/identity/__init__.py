"""Who is calling: users, teams, projects, memberships, API keys, logins."""
