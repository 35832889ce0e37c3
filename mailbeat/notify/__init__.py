"""The ways out to people: mail, webhooks, and what Apprise knows.

Sends one note and says whether that arrived. Never retries, never remembers, and never
lets the secret in an address into an error.
"""
