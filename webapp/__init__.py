"""Browsers and API clients: Flask. Never does the work of a run, never loses one."""

import importlib
import importlib.util
from datetime import datetime
from functools import partial

from flask import Flask
from flask.helpers import get_debug_flag
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from mailbeat.alerts.watch import Watch, watching_of
from mailbeat.db.api_keys import valid_key_ids
from mailbeat.db.clock import database_now
from mailbeat.db.session import create_engine, create_sessions
from mailbeat.logs import configure_logging, register_secret
from mailbeat.mail.autoconfig import find_server
from mailbeat.mail.oauth import clients_of
from mailbeat.settings import Settings, SettingsError, load_settings
from mailbeat.signing_in import Access
from webapp import auth, errors, health, language, metrics, security, sign_in
from webapp.api import register_api
from webapp.attempts import count_attempts
from webapp.framing import MAX_BODY
from webapp.live import socket
from webapp.live.feed import Live
from webapp.parts import Parts, parts_of, put_parts

__all__ = ["create_app", "parts_of"]


def create_app(settings: Settings | None = None) -> Flask:
    """Build the app; `settings` come from the environment unless given.

    Raises:
        SettingsError: something that the web needs is missing or wrong.
    """
    if settings is None:
        settings = load_settings()
        configure_logging(settings.log_level, settings.log_format)
    if get_debug_flag():
        raise SettingsError(
            "FLASK_DEBUG is set, and debugging shows secrets to whoever can open a "
            "page. Unset it (and leave --debug out)."
        )
    app = Flask(__name__, static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        MAX_FORM_PARTS=100,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined] # the default provider has it
    put_parts(app, _build(settings))
    errors.handle_errors(app)
    security.protect(app)
    language.speak(app)
    auth.require_sign_in(app)
    count_attempts(app, settings.redis_url)
    app.register_blueprint(sign_in.blueprint)
    socket.open_feed(app)
    register_api(app)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(metrics.blueprint)
    _register_pages(app)
    if settings.trusted_proxy_hops:
        hops = settings.trusted_proxy_hops
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign] # Flask's own way
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    return app


def _build(settings: Settings) -> Parts:
    settings.broker  # noqa: B018 # raises when there is none: better now than later
    for key in settings.secret_keys:
        register_secret(key)
    if settings.mailbeat_api_key is not None:
        register_secret(settings.mailbeat_api_key.get_secret_value())
    if settings.metrics_token is not None:
        register_secret(settings.metrics_token.get_secret_value())
    for _, secret in settings.oauth_credentials.values():
        register_secret(secret)
    networks = settings.imap_allowed_networks
    clients = clients_of(settings.oauth_credentials, networks=networks)
    engine = create_engine(settings.database_url, secret_keys=settings.secret_keys)
    sessions = create_sessions(engine)

    def valid_keys(session: Session, now: datetime) -> set[str]:
        return auth.valid_keys(session, settings, now)

    live = Live(settings, sessions, valid_keys=valid_keys)
    built = Parts(
        settings=settings,
        engine=engine,
        sessions=sessions,
        live=live,
        access=Access(clients, networks),
        watch=Watch(
            sessions, "web", watching_of(settings), deaf_since=lambda: live.deaf_since
        ),
        find_server=partial(find_server, networks=networks),
    )
    if settings.mailbeat_api_key is None:
        _require_a_key(built)
    return built


def _require_a_key(built: Parts) -> None:
    """Without any key nobody could sign in, and nothing is ever open to everyone."""
    try:
        with built.sessions() as session:
            keys = valid_key_ids(session, now=database_now(session))
    except SQLAlchemyError:
        raise SettingsError(
            "MAILBEAT_API_KEY is not set, and the database has no keys that could be "
            "looked up. Run `mailbeat migrate`, then set MAILBEAT_API_KEY or issue a "
            "key with `mailbeat key issue`."
        ) from None
    if not keys:
        raise SettingsError(
            "MAILBEAT_API_KEY is not set and no key was issued, so nobody could sign "
            "in. Set it to a long random text, or run `mailbeat key issue NAME`."
        )


def _register_pages(app: Flask) -> None:
    if importlib.util.find_spec("webapp.dashboard.pages") is not None:
        pages = importlib.import_module("webapp.dashboard.pages")
        app.register_blueprint(pages.pages)
