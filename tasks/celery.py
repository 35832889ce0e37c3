"""The Celery application: `celery -A tasks worker`, `celery -A tasks beat`."""

import sys
from pathlib import Path

from celery import Celery
from celery.signals import setup_logging

# The settings lie beside this package, in the root of the project, which is not on the
# path of an installed command.
ROOT = Path(__file__).parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

# Not the current app of whoever imports it: the web and the tests have their own needs.
app = Celery("mailbeat", set_as_current=False)
app.config_from_object("celeryconfig")


@setup_logging.connect
def _log_as_we_do(**_: object) -> None:
    """Celery leaves logging alone when somebody answers this signal."""
    from tasks.wiring import set_up_logging  # it needs the app

    set_up_logging()
