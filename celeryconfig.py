"""Celery's settings; read from the environment here and nowhere below.

Every name in lower case becomes a setting of Celery's, so helpers begin with `_`.
"""

import sys as _sys

from mailbeat import settings as _settings
from tasks import broker as _brokers

try:
    _env = _settings.load_settings()
    _broker = _env.broker
except _settings.SettingsError as _error:
    _sys.exit(str(_error))

_RETRY_ONCE = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.2,
}

broker_url = _broker
broker_connection_retry_on_startup = True
broker_connection_max_retries = None  # for ever
# A broker that hangs must not hang us: each wait has an end.
broker_connection_timeout = 3  # seconds
broker_transport_options = _brokers.patience(_broker, answer=5, connect=3)
broker_use_ssl = _brokers.verification(_broker)
if _brokers.speaks_amqp(_broker):
    broker_heartbeat = _brokers.HEARTBEAT
    # RabbitMQ closes the channel of a worker that keeps a message for 30 min while all
    # of its threads are busy. Celery's worker would end; it is to connect anew.
    broker_channel_error_retry = True
    # After an outage Celery would raise the number of messages in store step by step,
    # and asks RabbitMQ for each step from the thread of a run: it then reads from the
    # connection while the worker's main thread does, and what they read is in pieces
    # (UnexpectedFrame; a worker was deaf for 30 s).
    worker_enable_prefetch_count_reduction = False
    # A worker's queue for control commands bears its name. An exclusive one, which is
    # Celery's default, is refused to a second worker of that name, and to one that
    # comes back before RabbitMQ noticed that it had gone; one that is neither exclusive
    # nor durable is something that RabbitMQ wants to abolish.
    control_queue_exclusive = False
    control_queue_durable = True
else:
    broker_transport_options["visibility_timeout"] = 3600

# States can be read as AsyncResult(run_id).state where there is a Redis; the outcome
# of a run is in our own table, so losing them loses nothing.
result_backend = _env.redis_url or "disabled://"
# One for all threads. Celery would build one for each, 200 of which store nothing:
# tasks have no results, and the reporter's thread alone writes states.
result_backend_thread_safe = True
redis_backend_use_ssl = _brokers.verification(_env.redis_url or "")
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
# RabbitMQ gives out again at once what a dead worker had in store, Redis does not.
worker_disable_prefetch = not _brokers.speaks_amqp(_broker)
worker_prefetch_multiplier = 1
worker_cancel_long_running_tasks_on_connection_loss = False

# Threads: 100 accounts at once take 53 MiB; as processes 2 GiB.
worker_pool = "tasks.pool:ThreadPool"
worker_concurrency = _env.worker_concurrency
worker_send_task_events = True
worker_hijack_root_logger = False
worker_redirect_stdouts = False

task_serializer = result_serializer = event_serializer = "json"
accept_content = ["json"]
enable_utc = True

include = [
    "tasks.account",
    "tasks.pulse",
    "tasks.retention",
    "tasks.stopping",
    "tasks.watching",
]
beat_scheduler = "tasks.schedule:AccountScheduler"
beat_max_loop_interval = 1  # seconds
