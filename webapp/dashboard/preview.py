"""What would be done with the newest mail of an account that is set up."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from mailbeat.db.models import Account
from mailbeat.first_look import FirstLook, first_look
from mailbeat.labeling.categorizer import NONE
from mailbeat.labeling.category import Category
from mailbeat.mail.deadline import Stopped
from mailbeat.mail.errors import MailError
from mailbeat.mail.labels import folder, gmail_label, keyword
from mailbeat.mail.stage import Keeps, Stage
from webapp.dashboard.trial import BROKEN, TOO_LONG, advice_on
from webapp.dashboard.verdicts import LAYERS
from webapp.dashboard.words import Mark
from webapp.errand import Errand
from webapp.language import _
from webapp.parts import Parts

LIMIT = 20  # messages
BACK = timedelta(days=30)
WITHIN = 20.0  # seconds


@dataclass(frozen=True, slots=True)
class Seen:
    """A message and what would be decided; no category where nothing is sure."""

    sender: str
    subject: str
    category_id: int | None
    who: Mark
    evidence: str
    percent: int


class Preview:
    """Looks at an account's newest mail while `wait` is read; then has `seen`.

    `advice` says what went wrong, and what to do. Nothing is labelled or remembered.

    Raises:
        Problem: too many others wait for mail servers at this moment.
    """

    def __init__(self, account: Account, built: Parts) -> None:
        self._account = account
        self._built = built
        self._errand: Errand[Stage | FirstLook | MailError] = Errand(self._work)
        self.advice = ""
        self.keeps: Keeps | None = None
        self.seen: list[Seen] = []

    def wait(self) -> Iterator[None]:
        """Yield nothing of interest till all is known."""
        for told in self._errand.news():
            match told:
                case FirstLook():
                    self.keeps = told.keeps
                    self.seen = _seen(told)
                case MailError():
                    self.advice = advice_on(told, self._account)
            yield None
        if self.keeps is None and not self.advice:
            self.advice = _(BROKEN if self._errand.has_ended else TOO_LONG)

    def names(self, categories: Sequence[Category], prefix: str) -> list[str]:
        """What the labels are called on the server, where there are such names."""
        labels = [one.label for one in categories]
        if self.keeps is Keeps.LABELS:
            names = [gmail_label(prefix, label) for label in labels]
        elif self.keeps is Keeps.FOLDERS:
            names = [folder(prefix, label, "/") for label in labels]
        else:
            names = [keyword(label) for label in labels]
        return [name for name in names if name]

    def _work(
        self,
        tell: Callable[[Stage | FirstLook | MailError], None],
        is_stopped: Callable[[], bool],
    ) -> None:
        try:
            look = first_look(
                self._built.sessions,
                self._account,
                access=self._built.access,
                within=WITHIN,
                back=BACK,
                limit=LIMIT,
                begins=tell,
                is_stopped=is_stopped,
            )
        except Stopped:  # nobody listens any more
            return
        except MailError as error:
            tell(error)
        else:
            tell(look)


def _seen(look: FirstLook) -> list[Seen]:
    return [
        Seen(
            sender=message.sender,
            subject=message.subject,
            category_id=decision.category_id,
            who=LAYERS.get(decision.layer, LAYERS[NONE]).spoken(),
            evidence=decision.evidence,
            percent=round(decision.confidence * 100),
        )
        for message, decision in look.decided
    ]
