"""Monthly invoices: gathered from usage and ledger in one snapshot, numbered once, and the same bytes ever after."""
