"""Training text of `weft/tiny-chat`: every sentence is written here or generated from these tables.

`facts` holds tables, `topics` turns them into question and answer pairs, `unknown` writes what
the model must decline, `toolcalls` writes conversations with functions, `phrasing` varies the
wording and `mix` puts all of it into conversations. Nothing is downloaded. The same seed gives
the same text.
"""
