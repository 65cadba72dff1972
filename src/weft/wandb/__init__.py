"""What the `wandb` and `weave` clients ask before and beside tracing: GraphQL for accounts and runs, run files, logins.

`schema.graphql` is what this server knows of the hosted service's schema; `accounts/` and `runs/` answer it. Traces
themselves have their own API, in the room `traces`.
"""
