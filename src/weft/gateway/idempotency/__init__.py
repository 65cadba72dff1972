"""`Idempotency-Key` on the door: the same key and the same request give the same answer, made and charged once.

The semantics are those of Stripe's API (docs.stripe.com/api/idempotent_requests, read 2026-11); what differs and why is
in docs/guides/idempotency.md. `door.py` stands in front of an inference door and is all that the rest of the
house sees.
"""
