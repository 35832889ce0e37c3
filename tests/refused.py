"""Expecting an error of the mail room, from which no secret can be learnt."""

import json
import logging
import traceback
from contextlib import contextmanager

import pytest
from structlog.testing import capture_logs

from mailbeat.mail.errors import MailError
from tests.security.canary import sings


@contextmanager
def refused(code):
    """Expect an error of this code, from which no secret can be learnt."""
    with (
        capture_logs() as logs,
        heard_logging() as records,
        pytest.raises(MailError) as caught,
    ):
        yield
    error = caught.value
    assert error.code is code
    assert str(error).endswith(".")
    texts = [one for link in chain(error) for one in (str(link), repr(link.args))]
    texts += [*traceback.format_exception(error), str(vars(error))]
    texts += [json.dumps(logs, default=repr), *records]
    assert not [text for text in texts if sings(text)]
    assert "https://" not in str(error)


def chain(error):
    """The error, and whatever it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@contextmanager
def heard_logging():
    records = []

    class Ear(logging.Handler):
        def emit(self, record):
            records.append(self.format(record))

    ear = Ear()
    root = logging.getLogger()
    level = root.level
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    yield records
    root.removeHandler(ear)
    root.setLevel(level)
