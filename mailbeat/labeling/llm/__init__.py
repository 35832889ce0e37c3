"""A language model is asked about what the other layers left open, if one is wanted.

Of any OpenAI-compatible endpoint. It is told as little as will do, believed little, and
missed by nobody when it is away: a run never fails because of it.
"""
