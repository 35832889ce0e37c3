"""Faults in a seeded random order against the whole product, and what must hold after.

`python -m tests.faults --minutes 3 --database postgres --seed 7`, or `make chaos`.
"""
