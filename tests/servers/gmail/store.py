"""The mail of one user: every message once, and folders that are labels."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.servers.gmail.words import Refused

MAX_LABEL = 225  # characters

# Special use (RFC 6154), label, and the name in English and in German.
_SPECIAL = (
    ("\\All", "", "All Mail", "Alle Nachrichten"),
    ("\\Drafts", "\\Draft", "Drafts", "Entwürfe"),
    ("\\Sent", "\\Sent", "Sent Mail", "Gesendet"),
    ("\\Junk", "\\Spam", "Spam", "Spam"),
    ("\\Trash", "\\Trash", "Trash", "Papierkorb"),
    ("\\Flagged", "\\Starred", "Starred", "Markiert"),
    ("\\Important", "\\Important", "Important", "Wichtig"),
)
SYSTEM_LABELS = {"\\Inbox", "\\Muted"} | {label for _, label, *_ in _SPECIAL if label}
_NOT_IN_ALL = {"\\Spam", "\\Trash"}
_MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_LINE_END = re.compile(rb"\r?\n")


@dataclass(eq=False)
class Mail:
    """`id` is X-GM-MSGID. `labels` holds names, and `\\Inbox` and its like."""

    id: int
    raw: bytes
    received_at: datetime
    flags: set[str] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)
    changed: int = 0  # MODSEQ

    @property
    def message_id(self) -> str:
        found = _MESSAGE_ID.search(self.raw)
        return found[1].decode("ascii", "replace") if found else ""


@dataclass(eq=False)
class Folder:
    """What IMAP shows of a label. `label` is empty for All Mail."""

    name: str
    label: str
    use: str = ""
    uid_validity: int = 1
    next_uid: int = 1
    mails: dict[int, Mail] = field(default_factory=dict)  # by UID, ascending
    uids: dict[int, int] = field(default_factory=dict)  # by the mail's id
    is_hidden: bool = False  # "Show in IMAP" is off

    def place(self, mail: Mail) -> None:
        """Number a mail that came, forget one that went; coming back is a new UID."""
        belongs = self.label in mail.labels if self.label else _is_in_all(mail)
        uid = self.uids.get(mail.id)
        if belongs and uid is None:
            self.mails[self.next_uid] = mail
            self.uids[mail.id] = self.next_uid
            self.next_uid += 1
        elif not belongs and uid is not None:
            self.forget(mail)

    def forget(self, mail: Mail) -> None:
        uid = self.uids.pop(mail.id, None)
        if uid is not None:
            del self.mails[uid]

    def renumber(self, uid_validity: int) -> None:
        self.uid_validity = uid_validity
        self.mails = dict(enumerate(self.mails.values(), start=1))
        self.uids = {mail.id: uid for uid, mail in self.mails.items()}
        self.next_uid = len(self.mails) + 1


def _is_in_all(mail: Mail) -> bool:
    return not mail.labels & _NOT_IN_ALL


class User:
    r"""One account. Without the lock of its server nothing here may be called.

    `refusal` is what every sign-in is answered with; `over_quota` refuses every
    command. `tokens` are those of OAuth 2.0 that are good.
    """

    def __init__(
        self,
        address: str,
        password: str,
        *,
        tokens: Iterable[str] = (),
        language: str = "en",
    ) -> None:
        self.address = address
        self.password = password
        self.tokens = set(tokens)
        self.refusal = ""
        self.web_login_url = ""
        self.over_quota = False
        self.modseq = 1
        self.validity = 1  # of the next new folder
        self.mails: dict[int, Mail] = {}
        self.root = "[Gmail]"
        self.folders: dict[str, Folder] = {"INBOX": Folder("INBOX", "\\Inbox")}
        column = 3 if language == "de" else 2
        for row in _SPECIAL:
            name = f"{self.root}/{row[column]}"
            self.folders[name] = Folder(name, row[1], row[0])

    # Folders and labels

    def folder(self, name: str) -> Folder | None:
        """Names of labels do not differ by case only."""
        wanted = name.casefold()
        found = (one for one in self.folders.values() if one.name.casefold() == wanted)
        return next((one for one in found if not one.is_hidden), None)

    def special(self, use: str) -> Folder:
        return next(one for one in self.folders.values() if one.use == use)

    def parents(self) -> list[str]:
        """Names that only stand above others: `A` of `A/B`."""
        above = {
            "/".join(parts[:depth])
            for parts in (name.split("/") for name in self.folders)
            for depth in range(1, len(parts))
        }
        return sorted(above - set(self.folders))

    def label(self, name: str, *, create: bool) -> str | None:
        """Return the label of that name as it is written, made if it is to be.

        Raises:
            Refused: there cannot be such a label.
        """
        if name.startswith("\\"):
            known = {one.casefold(): one for one in SYSTEM_LABELS}
            if name.casefold() not in known:
                raise Refused("[CANNOT] Invalid system label (Failure)")
            return known[name.casefold()]
        if (folder := self.folder(name)) is not None:
            return folder.label
        if not create:
            return None
        return self.create(name).label

    def create(self, name: str) -> Folder:
        name = name.strip("/")
        if not name or len(name) > MAX_LABEL:
            raise Refused("[CANNOT] Label name is too long (Failure)")
        if "//" in name or name.casefold().startswith(self.root.casefold()):
            raise Refused(f"[CANNOT] Folder name is not allowed: {name!a} (Failure)")
        if self.folder(name) is not None:
            raise Refused(f"[ALREADYEXISTS] Duplicate folder name {name!a} (Failure)")
        # One of the same name may have been here before, with other UIDs.
        self.validity += 1
        folder = Folder(name, name, uid_validity=self.validity)
        self.folders[name] = folder
        return folder

    def delete(self, folder: Folder) -> None:
        if folder.use or folder.name == "INBOX":
            raise Refused("[CANNOT] Cannot delete a system folder (Failure)")
        for mail in list(folder.mails.values()):
            self.relabel(mail, remove={folder.label})
        del self.folders[folder.name]

    # Mail

    def deliver(
        self,
        raw: bytes,
        *,
        labels: Iterable[str] = ("\\Inbox",),
        flags: Iterable[str] = (),
        received_at: datetime | None = None,
    ) -> Mail:
        raw = _LINE_END.sub(b"\r\n", raw)
        when = (received_at or datetime.now(UTC)).replace(microsecond=0)
        # Like Gmail's: 64 bits, and no number that a test could mix up with a UID.
        mail = Mail(1_700_000_000_000_000_000 + 7 * len(self.mails), raw, when)
        self.mails[mail.id] = mail
        names = (self.label(name, create=True) for name in labels)
        mail.labels = {name for name in names if name}
        self.set_flags(mail, flags)
        return mail

    def set_flags(self, mail: Mail, flags: Iterable[str]) -> None:
        mail.flags = set(flags)
        starred = {"\\Starred"} if "\\Flagged" in mail.flags else set()
        mail.labels = (mail.labels - {"\\Starred"}) | starred
        self._touch(mail)

    def relabel(
        self, mail: Mail, *, add: Iterable[str] = (), remove: Iterable[str] = ()
    ) -> None:
        """Labels as `label` returns them. What is already so changes nothing."""
        labels = (mail.labels - set(remove)) | set(add)
        if labels == mail.labels:
            return
        mail.labels = labels
        mail.flags.discard("\\Flagged")
        if "\\Starred" in labels:
            mail.flags.add("\\Flagged")
        self._touch(mail)

    def remove(self, mail: Mail) -> None:
        for folder in self.folders.values():
            folder.forget(mail)
        self.modseq += 1

    def _touch(self, mail: Mail) -> None:
        self.modseq += 1
        mail.changed = self.modseq
        for folder in self.folders.values():
            folder.place(mail)

    def take_out(self, folder: Folder, mail: Mail) -> None:
        """Expunge: the label goes, the mail stays in All Mail; from there it goes."""
        if folder.label in {"", *_NOT_IN_ALL}:
            self.remove(mail)
        else:
            self.relabel(mail, remove={folder.label})

    def visible(self) -> Iterator[Folder]:
        return (one for one in self.folders.values() if not one.is_hidden)
