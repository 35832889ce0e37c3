"""The core: mail, decisions, memory, one run over one account, the command line.

It knows neither Celery nor Flask; `tasks` and `webapp` import it, never the
other way round.
"""

__version__ = "0.1.0"
