"""`/api/digests`: who gets a letter about what was done, and what it says.

Only an admin may see the addresses, or have sent what is counted here to one.
"""

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from mailbeat.db import audit, digests
from mailbeat.db.clock import database_now
from mailbeat.db.digests import NewDigest
from mailbeat.db.models import Account, DigestSubscription
from mailbeat.db.session import transaction
from mailbeat.digest import post
from webapp.api.digest_shapes import DigestWanted, digest_json, preview_json
from webapp.api.schemas import body
from webapp.auth import requires
from webapp.errors import Problem
from webapp.parts import parts

blueprint = Blueprint("digests", __name__, url_prefix="/api/digests")
ONE = "/<int:digest_id>"


@blueprint.get("")
@requires("admin")
def list_all() -> ResponseReturnValue:
    with parts().sessions() as session:
        found = digests.list_subscriptions(session)
    return jsonify(items=[digest_json(one) for one in found], next_cursor=None)


@blueprint.post("")
@requires("admin")
def add() -> ResponseReturnValue:
    wanted = body(DigestWanted).as_new()
    with transaction(parts().sessions) as session:
        now = database_now(session)
        _require_account(session, wanted)
        try:
            made = digests.subscribe(session, wanted, by=g.caller.key_id, now=now)
        except digests.TooMany as error:
            raise Problem(409, "too_many", str(error)) from None
        _note(session, "digest.add", made)
        headers = {"Location": f"{blueprint.url_prefix}/{made.id}"}
        return jsonify(digest_json(made)), 201, headers


@blueprint.get(ONE)
@requires("admin")
def one(digest_id: int) -> ResponseReturnValue:
    with parts().sessions() as session:
        return jsonify(digest_json(_known(session, digest_id)))


@blueprint.put(ONE)
@requires("admin")
def change(digest_id: int) -> ResponseReturnValue:
    """Put another in its place; the next letter comes at the time that follows."""
    wanted = body(DigestWanted).as_new()
    with transaction(parts().sessions) as session:
        known = _known(session, digest_id)
        _require_account(session, wanted)
        digests.change(session, known, wanted, now=database_now(session))
        _note(session, "digest.change", known)
        return jsonify(digest_json(known))


@blueprint.delete(ONE)
@requires("admin")
def remove(digest_id: int) -> ResponseReturnValue:
    with transaction(parts().sessions) as session:
        known = _known(session, digest_id)
        _note(session, "digest.remove", known)
        digests.unsubscribe(session, digest_id)
    return "", 204


@blueprint.get(f"{ONE}/preview")
@requires("admin")
def preview(digest_id: int) -> ResponseReturnValue:
    """The letter as it would be now, without the link that ends it."""
    with parts().sessions() as session:
        known = _known(session, digest_id)
        letter = post.letter_of(
            session,
            digests.wanted_by(known),
            now=database_now(session),
            public_url=parts().settings.public_url,
            unsubscribe=None,
        )
    return jsonify(preview_json(letter))


@blueprint.post(f"{ONE}/send")
@requires("admin")
def send(digest_id: int) -> ResponseReturnValue:
    """Send one now; the next comes at its time all the same."""
    watching = parts().watch.watching
    with transaction(parts().sessions) as session:
        known = _known(session, digest_id)
        if watching.post is None:
            text = "No mail can be sent: SMTP_URL is not set."
            raise Problem(409, "no_way_out", text)
        message_id = post.put_letter(
            session,
            known,
            now=database_now(session),
            public_url=parts().settings.public_url,
            secret_keys=watching.secret_keys,
        )
        _note(session, "digest.send", known)
    return jsonify(message_id=message_id), 202


def _known(session: Session, digest_id: int) -> DigestSubscription:
    try:
        return digests.known_subscription(session, digest_id)
    except digests.DigestNotFound as error:
        raise NotFound(str(error)) from None


def _require_account(session: Session, wanted: NewDigest) -> None:
    account_id = wanted.account_id
    if account_id is not None and session.get(Account, account_id) is None:
        raise Problem(409, "account_unknown", f"There is no account {account_id}.")


def _note(session: Session, action: str, one: DigestSubscription) -> None:
    now, by = database_now(session), g.caller.key_id
    audit.record(session, by, action, f"digest {one.id}", one.address, now=now)
