"""What the `wandb` and `weave` clients ask before they trace: GraphQL, logins, run files. Only as much as they need."""
