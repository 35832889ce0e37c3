"""From Celery's event stream to every browser: receiver, board, hub, socket."""
