"""Costs: what tokens cost, by a project's own prices or by this server's price book."""
