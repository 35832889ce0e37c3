"""Celery's settings; read from the environment here and nowhere below.

Every name in lower case becomes a setting of Celery's, so helpers begin with `_`.
"""

import ssl as _ssl
import sys as _sys
from urllib.parse import urlsplit as _urlsplit

from mailbeat import settings as _settings

try:
    _env = _settings.load_settings()
    _broker = _env.broker
except _settings.SettingsError as _error:
    _sys.exit(str(_error))

# A broker or Redis that hangs must not hang us: each wait has an end.
_TIMEOUTS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
}
_RETRY_ONCE = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.2,
}


def _verified(url: str) -> dict[str, int] | None:
    """For rediss://: check the server's certificate, unless the URL says otherwise."""
    parts = _urlsplit(url)
    if parts.scheme != "rediss" or "ssl_cert_reqs" in parts.query:
        return None
    return {"ssl_cert_reqs": _ssl.CERT_REQUIRED}


broker_url = _broker
broker_connection_retry_on_startup = True
broker_connection_max_retries = None  # for ever
broker_transport_options = (
    {**_TIMEOUTS, "visibility_timeout": 3600} if _broker.startswith("redis") else {}
)
broker_use_ssl = _verified(_broker)

# States can be read as AsyncResult(run_id).state where there is a Redis; the outcome
# of a run is in our own table, so losing them loses nothing.
result_backend = _env.redis_url or "disabled://"
redis_backend_use_ssl = _verified(_env.redis_url or "")
redis_socket_timeout = 5.0
redis_socket_connect_timeout = 3.0
result_backend_transport_options = {"retry_policy": _RETRY_ONCE}
result_expires = 900  # seconds
# Celery's own end state would arrive as FAILURE when Redis is away at that moment; the
# reporter stores ours instead.
task_ignore_result = True
task_track_started = False
task_publish_retry_policy = _RETRY_ONCE

# The lease on the account's row brings work back, not the broker. Late acks would start
# a run twice, and crash Celery 5.7.0 when Redis goes away during one.
task_acks_late = False
worker_disable_prefetch = True
worker_prefetch_multiplier = 1
worker_cancel_long_running_tasks_on_connection_loss = False

worker_pool = "threads"  # 100 accounts at once take 53 MiB; as processes 2 GiB
worker_concurrency = _env.worker_concurrency
worker_send_task_events = True
worker_hijack_root_logger = False
worker_redirect_stdouts = False

task_serializer = result_serializer = event_serializer = "json"
accept_content = ["json"]
enable_utc = True

include = ["tasks.account", "tasks.retention", "tasks.stopping"]
beat_scheduler = "tasks.schedule:AccountScheduler"
beat_max_loop_interval = 1  # seconds
