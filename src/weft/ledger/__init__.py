"""Money and what it is counted from: usage records now, accounts and holds beside them."""
