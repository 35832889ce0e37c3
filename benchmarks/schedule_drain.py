"""`python -m benchmarks.schedule_drain REDIS_URL [DATABASE_URL]`: takes every message.

A stand-in for the workers. With a database it also does to the accounts' rows what a
worker does that takes one: what was sent is not waited for any more. Ends when its
standard input does, and prints what came: account, and seconds since the epoch.
"""

import base64
import json
import select
import sys
import time

import redis
import sqlalchemy as sa

PAUSE = 0.05  # seconds
AT_ONCE = 500  # messages

TAKEN = sa.text(
    "UPDATE accounts SET wanted_run_id = NULL, queued_until = NULL WHERE id IN :ids"
).bindparams(sa.bindparam("ids", expanding=True))


def account_of(message: bytes) -> int | None:
    envelope = json.loads(message)
    if envelope["headers"]["task"] != "tasks.account.process_account":
        return None
    args = json.loads(base64.b64decode(envelope["body"]))[0]
    return int(args[0])


def drain(redis_url: str, database_url: str | None) -> list[tuple[int, float]]:
    client = redis.Redis.from_url(redis_url)
    engine = sa.create_engine(database_url) if database_url else None
    came: list[tuple[int, float]] = []
    while True:
        ending = select.select([sys.stdin], [], [], PAUSE)[0]
        messages = client.rpop("celery", AT_ONCE) or []
        now = time.time()
        taken = [one for one in map(account_of, messages) if one is not None]
        came += [(one, now) for one in taken]
        if engine is not None and taken:
            with engine.begin() as connection:
                connection.execute(TAKEN, {"ids": taken})
        if ending and not messages:
            return came


if __name__ == "__main__":
    print(json.dumps(drain(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)))
