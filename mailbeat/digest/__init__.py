"""Digests: a letter each morning or week about what was done and what needs you.

Says what to write and when; never how it goes out, which is the outbox's matter.
"""
