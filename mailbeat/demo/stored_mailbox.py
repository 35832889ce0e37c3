"""pymap's mailbox with keywords that stick and a file behind it."""

from collections.abc import Iterable
from datetime import datetime

from pymap.backend.dict.mailbox import LoadedMessage, MailboxData, MailboxSet, Message
from pymap.flags import FlagOp
from pymap.interfaces.message import CachedMessage
from pymap.mime import MessageContent
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials import FetchRequirement
from pymap.parsing.specials.flag import Flag, Recent, Wildcard, get_system_flags

from mailbeat.demo.mail_file import MailFile

# Without the wildcard pymap drops keywords silently.
PERMANENT_FLAGS = frozenset((get_system_flags() - {Recent}) | {Wildcard})


class StoredMessage(Message):
    """A message whose content is read from the file whenever somebody wants it.

    Parsing every message at the start would take seconds.
    """

    __slots__ = ["_address", "_file"]

    def __init__(
        self,
        file: MailFile,
        address: str,
        uid: int,
        received_at: datetime,
        flags: Iterable[Flag],
    ) -> None:
        super().__init__(uid, received_at, flags)
        self._file = file
        self._address = address

    async def load_content(self, requirement: FetchRequirement) -> LoadedMessage:
        return LoadedMessage(self, requirement, self.content())

    def content(self) -> MessageContent:
        return MessageContent.parse(self._file.content(self._address, self.uid))


class StoredMailbox(MailboxData):
    """The INBOX of one address."""

    def __init__(
        self, file: MailFile, address: str, folders: "StoredMailboxSet"
    ) -> None:
        super().__init__(*folders.caches)
        self._file = file
        self.address = address
        self._uid_validity, self._max_uid = file.open_mailbox(address)
        for mail in file.messages(address):
            self._adopt(mail.uid, mail.received_at, map(Flag, mail.flags))

    @property
    def permanent_flags(self) -> frozenset[Flag]:
        return PERMANENT_FLAGS

    def __len__(self) -> int:
        return len(self._messages)

    def oldest(self, count: int) -> list[int]:
        """The lowest UIDs."""
        return sorted(self._messages)[:count]

    def _adopt(self, uid: int, received_at: datetime, flags: Iterable[Flag]) -> Message:
        message = StoredMessage(self._file, self.address, uid, received_at, flags)
        self._messages[uid] = message
        self._max_uid = max(self._max_uid, uid)
        self._mod_sequences.update([uid])
        return message

    async def append(
        self, append_msg: AppendMessage, *, recent: bool = False
    ) -> Message:
        when = append_msg.when or datetime.now().astimezone()
        flags = append_msg.flag_set - {Recent}
        async with self.messages_lock.write_lock():
            uid = self._max_uid + 1
            texts = [str(flag) for flag in flags]
            self._file.put(self.address, uid, when, texts, bytes(append_msg.literal))
            message = self._adopt(uid, when, flags)
            message.recent = recent
            self._updated.set()
            return message

    async def update(
        self,
        uid: int,
        cached_msg: CachedMessage,
        flag_set: frozenset[Flag],
        mode: FlagOp,
    ) -> Message:
        message = await super().update(uid, cached_msg, flag_set, mode)
        flags = [str(flag) for flag in message.permanent_flags]
        self._file.set_flags(self.address, uid, flags)
        return message

    async def delete(self, uids: Iterable[int]) -> None:
        gone = list(uids)
        await super().delete(gone)
        self._file.remove(self.address, gone)

    async def copy(
        self, uid: int, destination: MailboxData, *, recent: bool = False
    ) -> int | None:
        message = self._messages.get(uid)
        if message is None:
            return None
        copied = await destination.append(_as_append(message), recent=recent)
        return copied.uid

    async def move(
        self, uid: int, destination: MailboxData, *, recent: bool = False
    ) -> int | None:
        copied = await self.copy(uid, destination, recent=recent)
        if copied is not None:
            await self.delete([uid])
        return copied


class StoredMailboxSet(MailboxSet):
    def __init__(self, file: MailFile, address: str) -> None:
        super().__init__()
        self.caches = self._content_cache, self._thread_cache
        self.inbox = StoredMailbox(file, address, self)
        self._inbox = self.inbox


def _as_append(message: Message) -> AppendMessage:
    content = message.content() if isinstance(message, StoredMessage) else b""
    return AppendMessage(bytes(content), message.internal_date, message.permanent_flags)
