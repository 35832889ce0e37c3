"""One call to a model: bounded in time and size, tried twice at most.

There is one `Endpoint` in a process, so that all its runs know when the model is away,
and do not crowd a machine that answers one after the other.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import structlog

from mailbeat.labeling.llm.breaker import Breaker
from mailbeat.labeling.llm.model import Model
from mailbeat.labeling.llm.question import FULL, Question, Shape
from mailbeat.mail.deadline import LOOK_EVERY, Deadline, Stopped, never
from mailbeat.mail.errors import (
    DeadlineExceeded,
    HostRefused,
    MailError,
    TLSFailed,
)

if TYPE_CHECKING:
    import httpx

CALL_SECONDS = 30.0
FIRST_CALL_SECONDS = 60.0  # a model may have to be loaded into memory
LEAST_SECONDS = 2.0  # with less than that left nobody is asked, nor blamed
LONGEST_WAIT = 10.0  # seconds, if it asks for more it is left alone
SHORTEST_WAIT = 1.0  # seconds between the two tries
MAX_BYTES = 256 * 1024  # of an answer
CALLS_AT_ONCE = 4
MOST_TOKENS = 10**6  # that one call is believed to have had

_REFUSED = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)
_MISSING = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.GONE)

log = structlog.get_logger(__name__)


class NoAnswer(Exception):
    """The model is away, or what came is no answer. The text is for the operator.

    It quotes nothing of what was sent or came.
    """

    def __init__(
        self, text: str, *, is_lasting: bool = False, pause: float = 0.0
    ) -> None:
        super().__init__(text)
        self.is_lasting = is_lasting  # a person has to change something
        self.pause = pause  # seconds for which it asked to be left alone


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model wrote, unchecked, and how many tokens it counted.

    `written` are those of `tokens` that it wrote itself.
    """

    content: str
    tokens: int = 0
    written: int = 0


class Endpoint:
    """A model as one process knows it. Safe to use from many threads."""

    def __init__(self, model: Model, *, breaker: Breaker | None = None) -> None:
        self.model = model
        self.breaker = breaker or Breaker()
        self._turns = threading.BoundedSemaphore(CALLS_AT_ONCE)
        self._is_warm = False
        self._shape = FULL

    def ask(
        self,
        question: Question,
        *,
        seconds: float,
        is_stopped: Callable[[], bool] = never,
    ) -> Reply:
        """Ask, and wait for at most `seconds`, or less if a call may take less.

        Raises:
            NoAnswer: the model is away, is left alone for a while, or talks nonsense.
            Stopped: one is not to wait any more.
        """
        deadline = Deadline(seconds, is_stopped=is_stopped)
        try:
            with self._turn(deadline):
                if deadline.left(LEAST_SECONDS) < LEAST_SECONDS:
                    raise NoAnswer("has too much to do")
                if not self.breaker.may_pass():
                    raise NoAnswer("is left alone for some minutes")
                return self._counted(question, deadline)
        except DeadlineExceeded:  # while others had their turn
            raise NoAnswer("has too much to do") from None

    @contextmanager
    def _turn(self, deadline: Deadline) -> Iterator[None]:
        while not self._turns.acquire(timeout=deadline.left(LOOK_EVERY)):
            pass
        try:
            yield
        finally:
            self._turns.release()

    def _counted(self, question: Question, deadline: Deadline) -> Reply:
        began = time.monotonic()
        try:
            reply = self._reply(question, deadline)
        except NoAnswer as error:
            self.failed(error)
            raise
        finally:
            self._is_warm = True
        self.breaker.succeeded()
        log.info(
            "model asked",
            host=self.model.host,
            messages=question.size,
            tokens=reply.tokens,
            seconds=round(time.monotonic() - began, 2),
        )
        return reply

    def failed(self, error: NoAnswer) -> None:
        """Count a failure; of nonsense, which only who asked can tell, too."""
        is_open = self.breaker.failed(at_once=error.is_lasting, pause=error.pause)
        log.warning(
            "model failed", host=self.model.host, reason=str(error), left_alone=is_open
        )

    def _reply(self, question: Question, deadline: Deadline) -> Reply:
        """Try once, and once more if that may help."""
        shape = self._shape
        status, body, wait = self._call(question, shape, deadline)
        if status in _REFUSED:
            is_limit = b"max_tokens" in body or b"temperature" in body
            refused = {"has_limits": False} if is_limit else {"has_schema": False}
            shape = replace(shape, **refused)
        elif (
            status == HTTPStatus.TOO_MANY_REQUESTS
            or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        ):
            _rest(wait, deadline)
        else:
            return _read(status, body, self.model)
        status, body, wait = self._call(question, shape, deadline)
        reply = _read(status, body, self.model, wait)
        self._shape = shape
        return reply

    def _call(
        self, question: Question, shape: Shape, deadline: Deadline
    ) -> tuple[int, bytes, float]:
        """Post a question; return the status, the body, and how long to wait."""
        body = question.body(self.model.name, shape)
        most = CALL_SECONDS if self._is_warm else FIRST_CALL_SECONDS
        began = time.monotonic()
        try:
            return _post(self.model, body, deadline.part(most))
        except Stopped:
            raise
        except DeadlineExceeded:
            took = time.monotonic() - began
            raise NoAnswer(f"gave no answer within {took:.0f} s") from None
        except HostRefused:
            raise NoAnswer(
                "is not in a private network, so LLM_BASE_URL has to begin with "
                "https://, or IMAP_ALLOWED_NETWORKS to name its network",
                is_lasting=True,
            ) from None
        except TLSFailed:
            raise NoAnswer(
                "shows a certificate that is not to be trusted, so nothing was sent",
                is_lasting=True,
            ) from None
        except MailError:
            raise NoAnswer(
                f"does not answer on {self.model.host}:{self.model.port}; start it, or "
                "correct LLM_BASE_URL"
            ) from None
        except NoAnswer:
            raise
        except Exception as error:  # noqa: BLE001 # a hostile answer makes httpx, httpcore and h11 raise their own
            kind = type(error).__name__
            raise NoAnswer(f"hung up, or spoke no HTTP ({kind})") from None


def _post(model: Model, body: bytes, deadline: Deadline) -> tuple[int, bytes, float]:
    import httpx

    from mailbeat.labeling.llm.wire import Transport

    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "Mailbeat",
        "Connection": "close",
    }
    if model.api_key:
        headers["Authorization"] = f"Bearer {model.api_key}"
    with (
        httpx.Client(
            transport=Transport(model, deadline),
            trust_env=False,
            follow_redirects=False,
            timeout=None,  # noqa: S113 # the transport has a deadline, which is stricter
        ) as client,
        client.stream("POST", model.url, content=body, headers=headers) as answer,
    ):
        return answer.status_code, _read_body(answer), _retry_after(answer)


def _read_body(answer: "httpx.Response") -> bytes:
    """Read as much as an answer may have, never unpacking it.

    Raises:
        NoAnswer: it is longer, or no JSON.
    """
    is_good = answer.status_code == HTTPStatus.OK
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise NoAnswer("packed its answer, though it was asked not to")
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if is_good and kind != "application/json":
        raise NoAnswer("answered something else than JSON; correct LLM_BASE_URL")
    body = bytearray()
    for chunk in answer.iter_raw():
        body += chunk
        if len(body) > MAX_BYTES:
            raise NoAnswer("answered far too much")
    return bytes(body)


def _retry_after(answer: "httpx.Response") -> float:
    """Return for how many seconds it asks to be left alone; a date counts as none."""
    written = answer.headers.get("Retry-After", "")
    return float(written) if written.isdecimal() and len(written) < 6 else 0.0  # noqa: PLR2004 # digits, a day


def _rest(wait: float, deadline: Deadline) -> None:
    """Wait before the second try.

    Raises:
        NoAnswer: it wants to be left alone for longer than a run waits.
    """
    if wait > LONGEST_WAIT:
        text = f"has too much to do, and wants to be left alone for {wait:.0f} s"
        raise NoAnswer(text, pause=wait)
    try:
        for seconds in deadline.slices(max(wait, SHORTEST_WAIT)):
            time.sleep(seconds)
    except DeadlineExceeded:
        raise NoAnswer("has too much to do") from None


def _read(status: int, body: bytes, model: Model, wait: float = 0.0) -> Reply:
    """Return what a good answer holds.

    Raises:
        NoAnswer: it is no good one.
    """
    if status == HTTPStatus.OK:
        return _reply_of(body)
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        text = f"refuses the key ({status}); correct LLM_API_KEY"
        raise NoAnswer(text, is_lasting=True)
    if status in _MISSING:
        text = f"is not there, or has no such model ({status}); correct LLM_BASE_URL "
        raise NoAnswer(f"{text}or LLM_MODEL ({model.shown})", is_lasting=True)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        text = f"leads elsewhere ({status}), which is not followed"
        raise NoAnswer(f"{text}; correct LLM_BASE_URL", is_lasting=True)
    if status in _REFUSED:
        raise NoAnswer(f"refuses the question ({status})")
    raise NoAnswer(f"failed ({status})", pause=wait)


def _reply_of(body: bytes) -> Reply:
    """Take the words out of an answer.

    Raises:
        NoAnswer: there are none.
    """
    try:
        found: Any = json.loads(body)
        content = found["choices"][0]["message"]["content"]
    except (ValueError, RecursionError, LookupError, TypeError):
        raise NoAnswer("answered what is no chat completion") from None
    if not isinstance(content, str):
        raise NoAnswer("answered without words")
    usage = found.get("usage")
    return Reply(
        content, _tokens(usage, "total_tokens"), _tokens(usage, "completion_tokens")
    )


def _tokens(usage: Any, name: str) -> int:
    tokens = usage.get(name) if isinstance(usage, dict) else None
    if isinstance(tokens, int) and 0 <= tokens < MOST_TOKENS:
        return tokens
    return 0
