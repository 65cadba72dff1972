"""LoRA adapters: small files that change what a model answers, found by name in a folder.

Which adapters there are, what their files say, and whether they fit a card. Knows nothing of engines or of people: who
may use what is decided by the names of a team and a project, which the caller was proven to belong to.
"""
