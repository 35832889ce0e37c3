"""What the header of a message gives away about who sent it and how."""

import re
from dataclasses import dataclass

from mailbeat.labeling.senders import FREEMAIL_DOMAINS, ROLES, SENDERS, SOCIAL_DOMAINS
from mailbeat.labeling.trust import reason_for_distrust
from mailbeat.labeling.words import without_accents
from mailbeat.mail.message import Message

_LIST_MARKS = ("x-mailman-version", "x-beenthere", "mailing-list", "x-google-group-id")
_BULK_MARKS = (
    "list-unsubscribe",
    "feedback-id",
    "x-campaign",
    "x-campaign-id",
    "x-campaignid",
    "x-mc-user",
    "x-mailgun-tag",
)
_TRACKER_MARKS = (
    "x-github-reason",
    "x-gitlab-project",
    "x-jira-fingerprint",
    "x-bugzilla-reason",
    "x-cron-env",
)
_SOCIAL_MARKS = ("x-facebook-notify", "x-linkedin-class")
_MACHINES = re.compile(
    r"(^|[._+-])(no|donot|do-not|not|nao)[._-]?reply|noreply|notif|mailer-?daemon"
    r"|(^|[._+-])(no|nao|non|ne[._-]?pas|nie|niet|nicht)[._-]?"
    r"(respond|repond|rispond|odpowiada|antwoord|antworten|beantwoorden)"
    r"|postmaster|^(rss|feeds?$|bounce|auto|system|service|root|daemon|cron|www-data"
    r"|nobody)"
)
_ROBOT = re.compile(
    r"\b(?:ro)?bot\b|buildbot|jenkins|hudson|patchwork|bugzilla|\b(?:commits?|builds?)\b"
    r"|\bcvs|\bsvn|^mailman\b|^[\w.+-]+[-_](?:owner|request|bounces|daemon) "
)
_REPLY = re.compile(
    r"^\s*(re|aw|antw|sv|ref|rif|r|odp|vs)(\[\d+\])?\s*:", re.IGNORECASE
)
_FORWARD = re.compile(r"^\s*(fw|fwd|wg|tr|rv|i|doorst)\s*:", re.IGNORECASE)
_LIST_TAG = re.compile(r"^\s*(re:\s*)*\[[\w.+-]{2,30}\]", re.IGNORECASE)
_MAIL_PROGRAM = re.compile(
    r"thunderbird|outlook|apple mail|iphone mail|ipad mail|mutt|k-?9|evolution|kmail"
    r"|claws|pine|gnus|eudora|the bat|roundcube|squirrelmail|horde|lotus notes",
    re.IGNORECASE,
)
_PERSON_ADDRESS = re.compile(r"^[a-z]{2,}[._][a-z]{2,}$")
_PERSON_NAME = re.compile(r"^[^\W\d_]+( [^\W\d_]\.?)? [^\W\d_]+$")


@dataclass(frozen=True, slots=True)
class Signs:
    """Each one true or false, and none of them a decision by itself."""

    discussion_list: bool
    list_tag: bool
    bulk: bool
    machine: bool
    robot: bool  # a program that takes part in a list, or the list itself
    report: bool  # a delivery report
    auto_reply: bool
    tracker: bool  # of bugs, code, jobs
    social: bool
    calendar_part: bool
    reply: bool
    says_reply: bool  # "Re:" or "Fwd:" in the subject
    answered: bool  # and the header names the message that it answers
    colleague: bool  # sender and receiver are of one domain, and not of a freemailer's
    mail_program: bool
    freemail: bool
    few_recipients: bool
    named_sender: bool  # ada.lovelace@, or "Ada Lovelace"
    role: bool  # info@, orders@: no person's address
    distrust: str  # why the sender may be forged, or nothing

    @property
    def distrusted(self) -> bool:
        return bool(self.distrust)


def read_signs(message: Message) -> Signs:
    has = message.headers.__contains__
    local = message.sender.rpartition("@")[0]
    precedence = message.header("precedence").lower()
    says_reply = bool(_REPLY.match(message.subject) or _FORWARD.match(message.subject))
    posting = has("list-post") and message.header("list-post").lower() != "no"
    return Signs(
        discussion_list=(has("list-id") and posting)
        or any(map(has, _LIST_MARKS))
        or (has("list-id") and precedence == "list")
        or has("x-mailing-list"),
        list_tag=bool(_LIST_TAG.match(message.subject)),
        bulk=any(map(has, _BULK_MARKS)) or precedence in {"bulk", "junk"},
        machine=bool(_MACHINES.search(local))
        or message.header("auto-submitted").lower() not in {"", "no"},
        robot=bool(_ROBOT.search(f"{local} {message.sender_name.lower()}")),
        report=_is_report(message, local),
        auto_reply=message.header("auto-submitted").lower().startswith("auto-replied"),
        tracker=any(map(has, _TRACKER_MARKS)),
        social=any(map(has, _SOCIAL_MARKS)) or _is_in(message, SOCIAL_DOMAINS),
        calendar_part="text/calendar" in message.attachments
        or message.header("content-type").lower().startswith("text/calendar"),
        reply=says_reply or has("in-reply-to"),
        says_reply=says_reply,
        # Junk names a message that it answers, too, and forgets to say so.
        answered=says_reply and (has("in-reply-to") or has("references")),
        colleague=bool(message.sender_domain)
        and not _MACHINES.search(local)
        and not _is_in(message, FREEMAIL_DOMAINS)
        and f"@{message.sender_domain}" in message.header("to").lower(),
        mail_program=bool(
            _MAIL_PROGRAM.search(message.header("x-mailer"))
            or _MAIL_PROGRAM.search(message.header("user-agent"))
        ),
        freemail=_is_in(message, FREEMAIL_DOMAINS),
        few_recipients=_few_recipients(message),
        named_sender=not _is_named_for_domain(message)
        and bool(
            _PERSON_ADDRESS.match(local) or _PERSON_NAME.match(message.sender_name)
        ),
        role=_is_role(local),
        distrust=reason_for_distrust(message),
    )


def _is_in(message: Message, domains: frozenset[str]) -> bool:
    labels = message.sender_domain.split(".")
    return any(".".join(labels[start:]) in domains for start in range(len(labels)))


def _is_role(local: str) -> bool:
    """Whether it names a task: billing, or servizio.clienti; not ada.lovelace."""
    parts = re.split(r"[._+-]", local)
    return any(part in SENDERS or part in ROLES for part in (local, *parts))


def _is_named_for_domain(message: Message) -> bool:
    """Whether a house sends it: "Banca Lago" at bancalago.example is no person."""
    domain = without_accents(message.sender_domain)
    words = without_accents(message.sender_name.casefold()).split()
    return bool(words) and all(word in domain for word in words)


def _is_report(message: Message, local: str) -> bool:
    kind = message.header("content-type").lower()
    if kind.startswith("multipart/report") or "x-failed-recipients" in message.headers:
        return True
    if "message/delivery-status" in message.attachments:
        return True
    sender = local or message.header("from").lower()
    return "mailer-daemon" in sender or "mail delivery" in sender


def _few_recipients(message: Message) -> bool:
    addressed = message.header("to") + "," + message.header("cc")
    return 1 <= addressed.count("@") <= 5  # noqa: PLR2004 # a round of friends
