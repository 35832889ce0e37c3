"""Signing in at an OAuth provider from a terminal.

In a browser on this machine, whose answer comes to a port of 127.0.0.1 (RFC 8252); in
one on another machine, from which the address that it ends at is pasted; or, where the
provider offers that, with a code that is typed on any machine (RFC 8628).
"""

import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TextIO
from urllib.parse import parse_qsl, urlsplit

import click

from mailbeat.cli.installation import Failed, Installation
from mailbeat.db.accounts import SignedIn
from mailbeat.db.clock import database_now
from mailbeat.mail import oauth
from mailbeat.mail.errors import MailError, TemporaryMailError
from mailbeat.mail.oauth import Client, Tokens

PATH = "/oauth/callback"
WITHIN = 600.0  # seconds for the person
MAX_PASTED = 8192  # characters

Say = Callable[[str], None]
Answer = Mapping[str, str]


def registered(installation: Installation, name: str) -> Client:
    """Return this installation's client at a provider.

    Raises:
        Failed: it has none.
    """
    client = installation.oauth_clients.get(name)
    if client is None:
        raise Failed(
            f"{name.upper()}_CLIENT_ID is not set, so nobody can sign in there yet. "
            "docs/operating.md says how to register this installation."
        )
    return client


def signed_in(
    installation: Installation,
    client: Client,
    wanted: Sequence[str],
    *,
    port: int | None = None,
) -> SignedIn:
    """Have a person sign in, and return what is to be stored.

    Raises:
        Failed: as `sign_in`.
    """
    tokens = sign_in(client, wanted=wanted, say=click.echo, port=port or 0)
    with installation.sessions() as sessions, sessions() as session:
        expires_at = database_now(session) + timedelta(seconds=tokens.seconds)
    return SignedIn(
        provider=client.provider.name,
        refresh_token=tokens.refresh_token or "",
        access_token=tokens.access_token,
        expires_at=expires_at,
    )


def sign_in(
    client: Client,
    *,
    wanted: Sequence[str],
    say: Say,
    port: int = 0,
    within: float = WITHIN,
) -> Tokens:
    """Have a person sign in, and return what that gave.

    `wanted` are the addresses that it may be; the first is suggested. `port` is where
    the browser's answer is waited for, 0 any that is free; it plays no part where the
    provider gives codes.

    Raises:
        Failed: nobody signed in, or somebody else, with what to do.
    """
    by_code = client.provider.device_endpoint is not None
    try:
        if by_code:
            tokens = _by_code(client, say=say, within=within)
        else:
            tokens = _by_browser(
                client, address=wanted[0], say=say, port=port, within=within
            )
        oauth.require_address(client.provider, tokens, wanted=wanted)
    except MailError as error:
        raise Failed(str(error)) from None
    return tokens


def _by_browser(
    client: Client, *, address: str, say: Say, port: int, within: float
) -> Tokens:
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    with _listening(answers, port) as redirect_uri:
        begun = oauth.begin(client, redirect_uri=redirect_uri, address=address)
        say(f"Sign in with {client.provider.title} at this address:\n")
        say(f"  {begun.url}\n")
        say(
            "Waiting for it. A browser on another machine ends at a page that it "
            "cannot open: paste that page's address here."
        )
        _listen_to_person(answers, sys.stdin)
        try:
            answer = answers.get(timeout=within)
        except queue.Empty:
            raise Failed("Nobody signed in. Nothing was stored.") from None
        code = oauth.code_in(client, answer, state=begun.state)
        return oauth.redeem(
            client, code, verifier=begun.verifier, redirect_uri=redirect_uri
        )


@contextmanager
def _listening(answers: "queue.SimpleQueue[Answer]", port: int) -> Iterator[str]:
    """Wait for a browser on 127.0.0.1; yield where the provider shall send it.

    Raises:
        Failed: another program has the port.
    """

    class Handler(BaseHTTPRequestHandler):
        timeout = 10.0  # seconds for a request

        def do_GET(self) -> None:  # the library's name
            parts = urlsplit(self.path)
            told = _told(parts.query)
            ours = parts.path == PATH and "state" in told
            text = "Go back to the terminal." if ours else "This is not for you."
            body = f"<!doctype html><title>Mailbeat</title><p>{text}</p>".encode()
            self.send_response(200 if ours else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Referrer-Policy", "no-referrer")
            self.end_headers()
            self.wfile.write(body)
            if ours:
                answers.put(told)

        def log_message(self, *_: object) -> None:
            """Say nothing: the address holds the code."""

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    except OSError:
        raise Failed(
            f"Port {port} is in use. Choose another with --redirect-port."
        ) from None
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{PATH}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _listen_to_person(answers: "queue.SimpleQueue[Answer]", stdin: TextIO) -> None:
    """Take the first line that is pasted for what the browser came back with."""

    def listen() -> None:
        try:
            for line in iter(lambda: stdin.readline(MAX_PASTED), ""):
                if line.strip():
                    answers.put(_told(urlsplit(line.strip()).query))
                    return
        except (OSError, ValueError):  # it was closed, or is no address
            return

    threading.Thread(target=listen, name="pasted", daemon=True).start()


def _told(query: str) -> Answer:
    return dict(parse_qsl(query, max_num_fields=50))


def _by_code(client: Client, *, say: Say, within: float) -> Tokens:
    device = oauth.begin_device(client)
    say(f"On any machine, open {device.where} and type this code:\n")
    say(f"  {device.user_code}\n")
    say("Waiting for it.")
    end = time.monotonic() + min(within, device.seconds)
    pause = device.interval
    while time.monotonic() + pause < end:
        time.sleep(pause)
        try:
            answer = oauth.ask_device(client, device)
        except oauth.ClientRefused:
            raise
        except TemporaryMailError:  # asked again, less often (RFC 8628, 3.5)
            answer = oauth.DEVICE_SECONDS
        if isinstance(answer, Tokens):
            return answer
        pause += answer
    raise Failed("Nobody typed the code in time. Nothing was stored.")
