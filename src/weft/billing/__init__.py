"""What happens around money: purchases and their payment provider, alerts, invoices, and the card that sums them up.

Nothing in here decides whether a request may start, and nothing runs on its way: the ledger below is told of purchases,
and read for the rest.
"""
