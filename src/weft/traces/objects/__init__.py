"""Objects and ops: every published value by name and digest, its versions, tags and aliases."""
