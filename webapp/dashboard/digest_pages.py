"""`/settings/digest`: who gets a letter and when; and `/unsubscribe`, for who got one.

Only an admin may send what is counted here to an address.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import available_timezones

from flask import (
    Response,
    abort,
    after_this_request,
    g,
    render_template,
    request,
    url_for,
)

from mailbeat.db import audit, digests
from mailbeat.db.busy_hours import zone_named
from mailbeat.db.clock import database_now
from mailbeat.db.digests import Frequency, NewDigest
from mailbeat.db.models import DigestSubscription
from mailbeat.db.session import transaction
from mailbeat.db.status import accounts_without_secrets
from mailbeat.digest import post
from mailbeat.digest.unsubscribing import id_in, is_token_of
from mailbeat.notify.smtp import is_mail_address
from webapp.auth import requires
from webapp.dashboard.actions import Answer, back, note
from webapp.dashboard.blueprint import may, pages, reading, refuse
from webapp.dashboard.reader import reader_zone
from webapp.language import ENGLISH, LANGUAGES, N_, _, language
from webapp.parts import parts
from webapp.security import CONTENT_SECURITY_POLICY
from webapp.sentences import said

HOUR = 7  # of the morning, unless another is chosen
FREQUENCIES = ((Frequency.DAILY, N_("Each day")), (Frequency.WEEKLY, N_("On Mondays")))
NOTHING: Mapping[str, str] = {}
# The page shows a letter in a frame, and the letter may do nothing but look like one.
MAY_FRAME = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"
LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox"
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A subscription, its account by its address, its next letter in its zone."""

    one: DigestSubscription
    account: str | None
    frequency: str


@pages.get("/settings/digest")
def digest() -> str:
    return digest_page(NOTHING, NOTHING)


def digest_page(form: Mapping[str, str], errors: Mapping[str, str]) -> str:
    """The page, with what was typed and what is wrong there."""
    if not may("admin"):
        return render_template("digest.html", digests=None)
    after_this_request(_let_a_letter_be_framed)
    words = {str(name): _(label) for name, label in FREQUENCIES}
    with reading() as session:
        accounts = accounts_without_secrets(session)
        names = {one.id: one.email_address for one in accounts}
        found = [
            Shown(one, names.get(one.account_id or 0), words[one.frequency])
            for one in digests.list_subscriptions(session)
        ]
    chosen = {
        "zone": _zone_here(),
        "hour": str(HOUR),
        "frequency": "daily",
        "language": language(),
        **form,
    }
    return render_template(
        "digest.html",
        digests=found,
        accounts=accounts,
        form=chosen,
        errors=errors,
        frequencies=list(words.items()),
        languages=LANGUAGES,
        zones=sorted({*available_timezones(), "UTC"}),
        can_send=parts().watch.watching.post is not None,
        has_address=parts().settings.public_url is not None,
        preview=url_for(
            "pages.digest_preview",
            frequency=chosen["frequency"],
            account_id=chosen.get("account_id") or None,
        ),
    )


def _zone_here() -> str:
    name = str(reader_zone())
    try:
        zone_named(name)
    except ValueError:
        return "UTC"
    return name


def _let_a_letter_be_framed(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = MAY_FRAME
    return response


def _wanted(form: Mapping[str, str]) -> tuple[NewDigest | None, dict[str, str]]:
    """What a form asks for, or what is wrong with it."""
    errors: dict[str, str] = {}
    address = form.get("address", "").strip()
    if not is_mail_address(address):
        errors["address"] = _("This is no mail address.")
    zone, frequency = form.get("zone", ""), form.get("frequency", "")
    try:
        zone_named(zone)
    except ValueError:
        errors["zone"] = _("There is no such time zone.")
    hour = form.get("hour", "")
    if not (hour.isascii() and hour.isdigit() and int(hour[:3]) < 24):  # noqa: PLR2004
        errors["hour"] = _("Choose an hour.")
    if frequency not in set(Frequency):
        errors["frequency"] = _("Choose how often.")
    account = form.get("account_id", "")
    if account and not _is_account(account):
        errors["account_id"] = _("There is no such account.")
    if form.get("language", ENGLISH) not in LANGUAGES:
        errors["language"] = _("Choose a language.")
    if errors:
        return None, errors
    account_id = int(account) if account else None
    wanted = NewDigest(
        address,
        Frequency(frequency),
        account_id,
        zone,
        int(hour),
        form.get("language", ENGLISH),
    )
    return wanted, {}


def _is_account(typed: str) -> bool:
    with reading() as session:
        known = {str(one.id) for one in accounts_without_secrets(session)}
    return typed in known


@pages.post("/settings/digest")
@requires("admin")
def digest_add() -> Answer:
    form = request.form.to_dict()
    wanted, errors = _wanted(form)
    if wanted is None:
        return digest_page(form, errors), 422
    try:
        with transaction(parts().sessions) as session:
            now = database_now(session)
            by = g.caller.key_id
            made = digests.subscribe(session, wanted, by=by, now=now)
            note(session, "digest.add", f"digest {made.id}", wanted.address)
    except digests.TooMany as error:
        refuse(said(str(error)))
        return digest_page(form, NOTHING), 409
    return back("pages.digest", "digest-added")


@pages.post("/settings/digest/<int(max=2147483647):subscription_id>/remove")
@requires("admin")
def digest_remove(subscription_id: int) -> Answer:
    with transaction(parts().sessions) as session:
        try:
            gone = digests.unsubscribe(session, subscription_id)
        except digests.DigestNotFound as error:
            abort(404, str(error))
        note(session, "digest.remove", f"digest {subscription_id}", gone.address)
    return back("pages.digest", "digest-removed")


@pages.post("/settings/digest/<int(max=2147483647):subscription_id>/send")
@requires("admin")
def digest_send(subscription_id: int) -> Answer:
    """Send one now; the next comes at its time all the same."""
    watching = parts().watch.watching
    if watching.post is None:
        refuse(_("No mail can be sent: SMTP_URL is not set."))
        return digest_page(NOTHING, NOTHING), 409
    with transaction(parts().sessions) as session:
        try:
            one = digests.known_subscription(session, subscription_id)
        except digests.DigestNotFound as error:
            abort(404, str(error))
        post.put_letter(
            session,
            one,
            now=database_now(session),
            public_url=parts().settings.public_url,
            secret_keys=watching.secret_keys,
        )
        note(session, "digest.send", f"digest {subscription_id}", one.address)
    return back("pages.digest", "digest-sent")


@pages.get("/settings/digest/preview")
@requires("admin")
def digest_preview() -> Response:
    """A letter as it would be now: a document that may do nothing."""
    typed = request.args.get("frequency", "")
    frequency = Frequency(typed) if typed in set(Frequency) else Frequency.DAILY
    account = request.args.get("account_id", "")
    with reading() as session:
        letter = post.letter_of(
            session,
            NewDigest(
                "you@example.org",
                frequency,
                int(account) if account and _is_account(account) else None,
                _zone_here(),
                HOUR,
                language(),
            ),
            now=database_now(session),
            public_url=None,
            unsubscribe=None,
        )
    response = Response(letter.html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = LETTER_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


# For who got a letter: nobody is signed in here.


@pages.get("/unsubscribe/<token>")
def unsubscribe(token: str) -> str:
    """Ask first: programs follow links in mail to see whether they are harmless."""
    known = _subscription_of(token)
    if known is None:
        return render_template("unsubscribe.html", address=None, done=False)
    return render_template(
        "unsubscribe.html", address=known.address, done=False, token=token
    )


@pages.post("/unsubscribe/<token>")
def unsubscribe_now(token: str) -> str:
    """One click, also of a mail program's (RFC 8058); a second one does no harm."""
    known = _subscription_of(token)
    if known is not None:
        with transaction(parts().sessions) as session:
            try:
                digests.unsubscribe(session, known.id)
            except digests.DigestNotFound:
                pass  # a click came before this one
            else:
                now = database_now(session)
                target = f"digest {known.id}"
                audit.record(
                    session,
                    "reader",
                    "digest.unsubscribe",
                    target,
                    known.address,
                    now=now,
                )
    return render_template("unsubscribe.html", address=None, done=True)


def _subscription_of(token: str) -> DigestSubscription | None:
    subscription_id = id_in(token)
    if subscription_id is None:
        return None
    keys = parts().settings.secret_keys
    with reading() as session:
        try:
            known = digests.known_subscription(session, subscription_id)
        except digests.DigestNotFound:
            return None
    return known if is_token_of(token, keys, known.id, known.address) else None
