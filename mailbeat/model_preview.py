"""What a model would be told of an account's newest messages; nothing is sent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mailbeat.db import accounts
from mailbeat.db.categories import enabled_categories
from mailbeat.db.knowledge import AccountCategorizer
from mailbeat.db.llm import Asking
from mailbeat.db.session import Sessions
from mailbeat.labeling.categorizer import NONE, Decision
from mailbeat.labeling.llm.answer import no_answer
from mailbeat.labeling.llm.endpoint import NoAnswer, Reply
from mailbeat.labeling.llm.model import Model
from mailbeat.labeling.llm.question import Question
from mailbeat.mail.message import Message
from mailbeat.run import RunOptions, newest_messages


@dataclass(frozen=True, slots=True)
class ModelPreview:
    """`bodies` are what would be posted, to the byte; `kept` why a message is not told.

    What was answered before is asked about here as if it had not been.
    """

    bodies: Sequence[bytes]
    kept: Sequence[tuple[Message, str]]


def preview_model(
    sessions: Sessions,
    account_id: int,
    asking: Asking,
    *,
    options: RunOptions,
    limit: int = 5,
) -> ModelPreview:
    """Decide about the newest messages as a run does, but send and remember nothing.

    Raises:
        MailError: the mailbox could not be read.
    """
    with sessions() as session:
        account = accounts.find_account(session, account_id)
        categories = enabled_categories(session)
    messages = newest_messages(sessions, account, options=options, limit=limit)
    recorder = _Recorder(asking.endpoint.model)
    layer = asking.layer(
        sessions,
        account.id,
        categories,
        deadline=options.deadline,
        asked=recorder,
        notes=_NoNotes(),
    )
    categorizer = AccountCategorizer(sessions, account.id, categories, llm=layer)
    decisions = categorizer.decide(messages)
    withheld = {id(reading.message): reason for reading, reason in layer.withheld}
    kept = []
    for message, decision in zip(messages, decisions, strict=True):
        reason = withheld.get(id(message)) or _decided(decision)
        if reason:
            kept.append((message, reason))
    return ModelPreview(recorder.bodies, kept)


def _decided(decision: Decision) -> str:
    return "" if decision.layer == NONE else f"it is clear: {decision.evidence}"


class _Recorder:
    """Takes the questions, and answers each message with "none"."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.bodies: list[bytes] = []

    def ask(self, question: Question, **_waiting: object) -> Reply:
        self.bodies.append(question.body(self.model.name))
        return Reply(no_answer(question))

    def failed(self, error: NoAnswer) -> None:
        raise AssertionError from error


class _NoNotes:
    def known(self, _keys: Iterable[str]) -> Mapping[str, int | None]:
        return {}

    def remember(self, answers: Mapping[str, int | None]) -> None:
        pass

    def take(self, wanted: int) -> int:
        return wanted

    def note(self, *, tokens: int = 0, written: int = 0, failures: int = 0) -> None:
        pass
