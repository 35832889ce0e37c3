"""What we decide: from messages to categories, and from categories to labels.

Pure: it speaks to a mailbox and a ledger through their protocols only, and reads
no clock, file or environment.
"""
