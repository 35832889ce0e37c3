"""When runs happen, who does them, and how they are reported: Celery.

This room knows nothing of the web.
"""

from tasks.celery import app

__all__ = ["app"]
