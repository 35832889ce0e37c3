"""Slack, Telegram, ntfy and a hundred more, through Apprise: an optional extra."""

import hashlib
import importlib.util
import logging
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from mailbeat.notify.channel import Note, Undelivered

MISSING = (
    "NOTIFY_URLS needs Apprise, which is not installed. Install it with "
    "`pip install 'mailbeat[apprise]'`."
)


def is_installed() -> bool:
    return importlib.util.find_spec("apprise") is not None


@dataclass(frozen=True, slots=True)
class AppriseURL:
    """All of `url` may be secret but its scheme."""

    url: str = field(repr=False)

    @property
    def key(self) -> str:
        return f"apprise-{hashlib.sha256(self.url.encode()).hexdigest()[:12]}"

    @property
    def shown(self) -> str:
        return f"Apprise {urlsplit(self.url).scheme or 'address'}"

    def send(self, note: Note) -> None:
        if not is_installed():
            raise Undelivered(MISSING, permanent=True)
        import apprise

        # They log addresses, with what is secret in them.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        logging.getLogger("urllib3").setLevel(logging.WARNING)
        service = apprise.Apprise()
        if not service.add(self.url):
            raise Undelivered(
                f"Apprise does not understand the address of NOTIFY_URLS that begins "
                f"with {urlsplit(self.url).scheme or 'nothing'}://. Compare it with "
                "github.com/caronc/apprise/wiki.",
                permanent=True,
            )
        kind = "refused"
        try:
            went_out = bool(service.notify(title=note.title, body=note.text))
        except Exception as error:  # noqa: BLE001 # a plug-in may raise anything, its address too
            went_out, kind = False, type(error).__name__
        if not went_out:
            raise Undelivered(f"{self.shown} did not take the message ({kind}).")
