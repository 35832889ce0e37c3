"""The Celery application: `celery -A tasks worker`, `celery -A tasks beat`."""

import sys
from pathlib import Path
from typing import Any

import structlog
from celery import Celery, Task
from celery.exceptions import TaskPredicate
from celery.signals import setup_logging

# The settings lie beside this package, in the root of the project, which is not on the
# path of an installed command.
ROOT = Path(__file__).parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

log = structlog.get_logger(__name__)


class TaskBroke(Exception):
    """A task failed in a way that nobody expected; the worker's log says how."""


class QuietTask(Task[..., Any]):
    """A task whose exceptions stay in the worker's log.

    Celery puts the text of an exception, and its traceback, into the event
    `task-failed`, which everybody at the broker hears, and into the results.
    """

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return self.run(*args, **kwargs)
        except TaskPredicate:  # Ignore, Reject, Retry: no failures
            raise
        except Exception:
            log.exception("task broke", task=self.name, task_id=self.request.id)
        raise TaskBroke("The worker's log says more under this task's id.")


# Not the current app of whoever imports it: the web and the tests have their own needs.
app: Celery = Celery("mailbeat", set_as_current=False, task_cls=QuietTask)
app.config_from_object("celeryconfig")


@setup_logging.connect
def _log_as_we_do(**_: object) -> None:
    """Celery leaves logging alone when somebody answers this signal."""
    from tasks.wiring import set_up_logging  # it needs the app

    set_up_logging()
