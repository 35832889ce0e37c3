"""The ways out that an installation has, from its settings."""

from collections.abc import Sequence

from mailbeat.notify.apprise_urls import AppriseURL
from mailbeat.notify.channel import Channel
from mailbeat.notify.smtp import MailChannel, MailServer, mail_server
from mailbeat.notify.webhook import Webhook


def post_office(smtp_url: str | None, sender: str | None) -> MailChannel | None:
    """The way out for mail to whom a note names; None without SMTP_URL."""
    if smtp_url is None:
        return None
    server = mail_server(smtp_url)
    return MailChannel(server, sender or _sender_of(server), (), "post")


def _sender_of(server: MailServer) -> str:
    return server.username if "@" in server.username else f"mailbeat@{server.host}"


def alert_channels(
    *,
    smtp_url: str | None,
    sender: str | None,
    to: Sequence[str],
    webhook_url: str | None,
    webhook_secret: str,
    notify_urls: Sequence[str],
) -> list[Channel]:
    """Where alerts go: mail, webhook, Apprise, in this order."""
    found: list[Channel] = []
    post = post_office(smtp_url, sender)
    if post is not None and to:
        found.append(MailChannel(post.server, post.sender, tuple(to)))
    if webhook_url is not None:
        found.append(Webhook(webhook_url, webhook_secret))
    found.extend(AppriseURL(url) for url in notify_urls)
    return found
