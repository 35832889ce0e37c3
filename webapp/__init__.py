"""Browsers and API clients: Flask. Never does the work of a run, never loses one."""
