"""The audit log: which admin changed what, when. Every room records here, in the transaction of the change itself."""
