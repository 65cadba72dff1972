"""The commands about money: credit, prices, the ledger, receipts and statements."""
