"""How we speak IMAP: sign in, find what is new, read a little of it, put labels on.

This room imports nothing of ours, and what leaves it is our own: no exception of a
library, no text of a server that could hold a secret.
"""
