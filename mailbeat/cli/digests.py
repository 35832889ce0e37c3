"""`mailbeat digest`: who gets letters, what they say, and one at once."""

import json
from datetime import datetime

import click

from mailbeat.cli.installation import Failed, Installation, pass_installation

ID = click.IntRange(1, 2**31 - 1)


@click.group()
def digest() -> None:
    """Letters about what was done: who gets them, and what they say."""


@digest.command("list")
@click.option("--json", "as_json", is_flag=True, help="One object for each.")
@pass_installation
def list_digests(installation: Installation, *, as_json: bool) -> None:
    """Show who gets a letter, how often, and when the next one comes."""
    from mailbeat.db import digests

    with installation.sessions(secrets=False) as sessions, sessions() as session:
        found = digests.list_subscriptions(session)
    for one in found:
        about = (
            "all accounts" if one.account_id is None else f"account {one.account_id}"
        )
        if as_json:
            told = {
                "id": one.id,
                "address": one.address,
                "frequency": one.frequency,
                "hour": one.hour,
                "zone": one.zone,
                "account_id": one.account_id,
                "language": one.language,
                "next_at": one.next_at.isoformat(),
                "last_sent_at": one.last_sent_at and one.last_sent_at.isoformat(),
            }
            click.echo(json.dumps(told))
            continue
        click.echo(
            f"{one.id}  {one.address}  {one.frequency} at {one.hour:02}:00 "
            f"{one.zone}, {about}; next {_clock(one.next_at)}"
        )
    if not found and not as_json:
        click.echo("Nobody gets a digest yet. /settings/digest adds who does.")


@digest.command()
@click.argument("digest_id", metavar="ID", type=ID)
@click.option("--html", "as_html", is_flag=True, help="As mail programs show it.")
@pass_installation
def preview(installation: Installation, digest_id: int, *, as_html: bool) -> None:
    """Show what a letter would say at this moment; nothing is sent."""
    from mailbeat.db import digests
    from mailbeat.db.clock import database_now
    from mailbeat.digest import post

    with installation.sessions(secrets=False) as sessions, sessions() as session:
        try:
            one = digests.known_subscription(session, digest_id)
        except digests.DigestNotFound as error:
            raise Failed(str(error)) from None
        letter = post.letter_of(
            session,
            digests.wanted_by(one),
            now=database_now(session),
            public_url=installation.settings.public_url,
            unsubscribe=None,
        )
    click.echo(letter.html if as_html else f"{letter.title}\n\n{letter.text}", nl=False)


@digest.command()
@click.argument("digest_id", metavar="ID", type=ID)
@pass_installation
def send(installation: Installation, digest_id: int) -> None:
    """Send a letter now; the next one comes at its time all the same.

    It needs neither a worker nor the web; exit code 1 when no mail server took it.
    """
    from mailbeat.alerts.watch import watching_of
    from mailbeat.db import audit, digests, outbox
    from mailbeat.db.clock import database_now
    from mailbeat.db.session import transaction
    from mailbeat.digest import post
    from mailbeat.notify.channel import Undelivered

    watching = watching_of(installation.settings)
    if watching.post is None:
        raise Failed("No mail can be sent: SMTP_URL is not set.")
    with installation.sessions() as sessions:
        with sessions() as session:
            try:
                one = digests.known_subscription(session, digest_id)
            except digests.DigestNotFound as error:
                raise Failed(str(error)) from None
            note = post.written(
                session,
                one,
                now=database_now(session),
                public_url=watching.rulings.public_url,
                secret_keys=watching.secret_keys,
            )
        refusal: str | None = None
        try:
            watching.post.send(note)
        except Undelivered as error:
            refusal = str(error)
        with transaction(sessions) as session:
            now = database_now(session)
            outbox.note_told(
                session,
                post.way_to(one),
                message_id=note.id,
                title=note.title,
                error=refusal,
                kind=outbox.DIGEST,
                now=now,
            )
            target = f"digest {one.id}"
            audit.record(session, "cli", "digest.send", target, one.address, now=now)
    if refusal is not None:
        raise Failed(f"Nothing was sent to {one.address}: {refusal}")
    click.echo(f"Sent to {one.address}: {note.title}")


def _clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
