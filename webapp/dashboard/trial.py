"""The connection of an account that is set up: tried, and told step by step."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from mailbeat.db.models import Account
from mailbeat.mail.deadline import Stopped
from mailbeat.mail.errors import DeadlineExceeded, ErrorCode, MailError, SignInRefused
from mailbeat.mail.imap import open_mailbox
from mailbeat.mail.providers import provider_of_host
from mailbeat.mail.stage import Keeps, Stage
from mailbeat.signing_in import opened
from webapp.errand import Errand
from webapp.language import N_, _
from webapp.parts import Parts
from webapp.sentences import said

WITHIN = 20.0  # seconds

# What is said while a stage lasts, when it is done, and when it is not.
WORDS: dict[Stage, tuple[str, str, str]] = {
    Stage.REACH: (
        N_("Calling %(host)s"),
        N_("%(host)s answers"),
        N_("%(host)s was not reached"),
    ),
    Stage.ENCRYPT: (
        N_("Agreeing on encryption"),
        N_("The connection is encrypted, and the certificate is right"),
        N_("No encryption that can be trusted"),
    ),
    Stage.SIGN_IN: (
        N_("Signing in as %(username)s"),
        N_("Signed in as %(username)s"),
        N_("Not signed in"),
    ),
    Stage.OPEN: (
        N_("Opening the mailbox %(mailbox)s"),
        N_("The mailbox %(mailbox)s is there"),
        N_("The mailbox %(mailbox)s was not opened"),
    ),
}
KEEPS = {
    Keeps.LABELS: N_("Labels are kept as Gmail labels"),
    Keeps.KEYWORDS: N_("Labels are kept as keywords, on the mail itself"),
    Keeps.FOLDERS: N_("Labels are kept as folders: this server has nothing better"),
    Keeps.NOTHING: N_("This mailbox may only be read"),
}
READ_ONLY = N_(
    "The server lets this account change nothing in the mailbox, so no label would "
    "stay. Name another mailbox below, or ask whoever runs the server."
)
TOO_LONG = N_(
    "It takes longer than this page can wait. Try again in a moment; if it stays so, "
    "check the name and the port below."
)
BROKEN = N_(
    "Something went wrong inside Mailbeat, and its log says more. Nothing was changed. "
    "Try again."
)
# What to do about it, behind the first sentence of an error where that says enough.
_ADVICE = {
    ErrorCode.AUTH_FAILED: N_(
        "Check the user name, and enter the password again below."
    ),
    ErrorCode.CONNECT_FAILED: N_(
        "Check the name and the port below, and that the server is up. A server in a "
        "private network has to be allowed by the operator, in IMAP_ALLOWED_NETWORKS."
    ),
    ErrorCode.TLS_FAILED: N_(
        "Check the name, the port and the kind of encryption below, or have the "
        "server's certificate put right."
    ),
    ErrorCode.HOST_REFUSED: N_("Choose TLS or STARTTLS below."),
    ErrorCode.THROTTLED: N_("Wait some minutes, then try again."),
    ErrorCode.SERVER_BUSY: N_("Wait a moment, then try again."),
}


class Step(NamedTuple):
    """One line of the page: `state` is now, done or bad; `advice` what to do then."""

    state: str
    title: str
    advice: str = ""


class Trial:
    """Tries an account's connection while `steps` is read; then tells how it went.

    `account` is a copy that belongs to no session. `code` is that of the error, and
    `keeps` as what labels would be kept; both None till then.

    Raises:
        Problem: too many are tried at this moment.
    """

    def __init__(self, account: Account, built: Parts) -> None:
        self._account = account
        self._built = built
        self._at: Stage | None = None
        self._errand: Errand[Stage | Keeps | MailError] = Errand(self._work)
        self.is_good = False
        self.code: ErrorCode | None = None
        self.keeps: Keeps | None = None

    def steps(self) -> Iterator[Step | None]:
        """Yield each line as it comes, and None where there is no news."""
        for told in self._errand.news():
            match told:
                case None:
                    yield None
                case Stage():
                    yield from self._begun(told)
                case Keeps():
                    yield from self._done(told)
                case MailError():
                    yield self._failed(told)
        if self.keeps is None and self.code is None:
            self.code = ErrorCode.INTERNAL
            advice = _(BROKEN if self._errand.has_ended else TOO_LONG)
            yield Step("bad", self._said(2), advice)

    def _work(
        self,
        tell: Callable[[Stage | Keeps | MailError], None],
        is_stopped: Callable[[], bool],
    ) -> None:
        opening = partial(
            open_mailbox,
            name=self._account.mailbox,
            deadline=WITHIN,
            is_stopped=is_stopped,
            begins=tell,
        )
        try:
            with opened(
                self._built.sessions,
                self._account,
                opening,
                access=self._built.access,
                is_stopped=is_stopped,
            ) as mailbox:
                keeps = mailbox.keeps
        except Stopped:  # nobody listens any more
            return
        except MailError as error:
            tell(error)
        else:
            tell(keeps)

    def _begun(self, stage: Stage) -> Iterator[Step]:
        if self._at is not None and stage is not Stage.REACH:
            yield Step("done", self._said(1))
        elif self._at is not None:  # its token was refused, and another one was got
            yield Step("done", _("The provider gave new access"))
        self._at = stage
        yield Step("now", self._said(0))

    def _done(self, keeps: Keeps) -> Iterator[Step]:
        yield Step("done", self._said(1))
        self.keeps = keeps
        self.is_good = keeps is not Keeps.NOTHING
        if self.is_good:
            yield Step("done", _(KEEPS[keeps]))
        else:
            yield Step("bad", _(KEEPS[keeps]), _(READ_ONLY))

    def _failed(self, error: MailError) -> Step:
        self.code = error.code
        return Step("bad", self._said(2), advice_on(error, self._account))

    def _said(self, which: int) -> str:
        account = self._account
        return _(
            WORDS[self._at or Stage.REACH][which],
            host=account.host,
            username=account.username,
            mailbox=account.mailbox,
        )


def advice_on(error: MailError, account: Account) -> str:
    """What happened and what to do, for a person who sets the account up just now.

    The error's own sentences speak of the next run, of which there is none yet.
    """
    if isinstance(error, DeadlineExceeded):
        return _(TOO_LONG)
    if error.code is ErrorCode.MAILBOX_MISSING:
        return _(
            "There is none of this name on %(host)s, or this account may not open it. "
            "Make it there, or name another one below.",
            host=account.host,
        )
    if account.oauth_provider is not None and error.code is ErrorCode.AUTH_FAILED:
        return _(
            "The sign-in that was granted is not good any more. Sign in again below."
        )
    advice = _ADVICE.get(error.code, N_("Try again."))
    if isinstance(error, SignInRefused):
        advice = _ADVICE[ErrorCode.AUTH_FAILED]
    what = said(f"{str(error).partition('. ')[0].rstrip('.')}.")
    text = f"{what} {_(advice)}"
    known = provider_of_host(account.host)
    if known is not None and advice == _ADVICE[ErrorCode.AUTH_FAILED]:
        return f"{text} {known.name}: {said(known.how)}"
    return text
