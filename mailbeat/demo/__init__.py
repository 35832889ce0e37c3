"""The self-contained installation: Redis, sample mailboxes, child processes."""
