"""An OAuth provider on loopback: everybody who comes by is let in, unless told else.

It checks what a provider checks (client, redirect address, PKCE, that a code and a
rotated refresh token are good once), and fails as a test tells it.
"""

import base64
import hashlib
import json
import re
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from mailbeat.mail import oauth
from mailbeat.mail.oauth import Client
from tests.servers.imap import LOOPBACK

CLIENT_ID = "a-client"
CLIENT_SECRET = "what belongs to the client"
LIFE = 3600  # seconds

Fault = Callable[["Handler"], None]


@dataclass
class Grant:
    """What one person allowed."""

    address: str
    challenge: str = ""
    redirect_uri: str = ""
    user_code: str = ""
    state: str = "pending"  # of a device code: pending, allowed or denied


class OAuthServer:
    def __init__(self, name: str = "google") -> None:
        self.name = name
        self.signs_in = "ada@example.org"  # who is signed in at the provider
        self.denies = False
        self.rotates = False  # a refresh token is good once
        self.life = LIFE
        self.grants = " ".join(oauth.PROVIDERS[name].scopes)
        self.mark = "token"  # what every token begins with
        self.faults: deque[Fault] = deque()  # of the next questions for a token
        self.asked: list[dict[str, str]] = []  # what was posted
        self.valid: set[str] = set()  # access tokens that open a mailbox
        self.refreshable: dict[str, str] = {}  # refresh tokens, and whose they are
        self._codes: dict[str, Grant] = {}
        self._devices: dict[str, Grant] = {}
        self._numbers = count(1)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.oauth = self  # type: ignore[attr-defined] # read by Handler
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def provider(self) -> oauth.Provider:
        """Google or Microsoft, but that everything is asked here."""
        real = oauth.PROVIDERS[self.name]
        has_codes = real.device_endpoint is not None
        return replace(
            real,
            authorization_endpoint=f"{self.url}/authorize",
            token_endpoint=f"{self.url}/token",
            issuer=re.escape(self.url),
            device_endpoint=f"{self.url}/device" if has_codes else None,
        )

    @property
    def client(self) -> Client:
        return Client(self.provider, CLIENT_ID, CLIENT_SECRET, LOOPBACK)

    def browse(self, url: str) -> str:
        """Be a browser that is signed in here; return where it is sent back to."""
        with urllib.request.build_opener(_StayHere).open(url, timeout=10) as response:
            return str(response.headers["Location"])

    def type_code(self, user_code: str, *, allow: bool = True) -> None:
        """Be a person with a code."""
        for grant in self._devices.values():
            if grant.user_code == user_code:
                grant.state = "allowed" if allow else "denied"
                grant.address = self.signs_in

    def issue_refresh_token(self, address: str) -> str:
        token = f"{self.mark}-refresh-{next(self._numbers)}"
        self.refreshable[token] = address
        return token

    def issue_access_token(self) -> str:
        token = f"{self.mark}-access-{next(self._numbers)}"
        self.valid.add(token)
        return token

    # What it answers

    def authorize(self, query: Mapping[str, str]) -> str:
        back = query["redirect_uri"]
        told = {"state": query["state"], "iss": self.url}
        known = query["client_id"] == CLIENT_ID and query["response_type"] == "code"
        if not known or query["code_challenge_method"] != "S256":
            return f"{back}?{urlencode({**told, 'error': 'unauthorized_client'})}"
        if self.denies:
            return f"{back}?{urlencode({**told, 'error': 'access_denied'})}"
        code = f"4/{self.mark}-code-{next(self._numbers)}"
        self._codes[code] = Grant(self.signs_in, query["code_challenge"], back)
        return f"{back}?{urlencode({**told, 'code': code})}"

    def token(self, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        secret = form.get("client_secret")
        if form.get("client_id") != CLIENT_ID or secret != CLIENT_SECRET:
            return 401, {"error": "invalid_client", "error_description": str(form)}
        match form.get("grant_type"):
            case "authorization_code":
                grant = self._codes.pop(form["code"], None)
                good = grant is not None and _is_proof(grant, form)
                return self._tokens(grant.address) if grant and good else _gone(form)
            case "refresh_token":
                return self._refresh(form)
            case "urn:ietf:params:oauth:grant-type:device_code":
                return self._by_device(form)
        return 400, {"error": "unsupported_grant_type"}

    def device(self, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        number = next(self._numbers)
        grant = Grant("", user_code=f"CODE-{number}")
        self._devices[f"{self.mark}-device-{number}"] = grant
        return 200, {
            "device_code": f"{self.mark}-device-{number}",
            "user_code": grant.user_code,
            "verification_uri": "https://provider.example/device",
            "expires_in": 60,
            "interval": 1,
        }

    def _refresh(self, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        address = self.refreshable.get(form["refresh_token"])
        if address is None:
            return _gone(form)
        if self.rotates:
            del self.refreshable[form["refresh_token"]]
        return self._tokens(address, lasting=self.rotates)

    def _by_device(self, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        grant = self._devices.get(form["device_code"])
        if grant is None:
            return 400, {"error": "expired_token"}
        if grant.state == "pending":
            return 400, {"error": "authorization_pending"}
        if grant.state == "denied":
            return 400, {"error": "authorization_declined"}
        return self._tokens(grant.address)

    def _tokens(
        self, address: str, *, lasting: bool = True
    ) -> tuple[int, dict[str, Any]]:
        told = {
            "access_token": self.issue_access_token(),
            "token_type": "Bearer",
            "expires_in": self.life,
            "id_token": self._id_token(address),
            "scope": self.grants,
        }
        if lasting:
            told["refresh_token"] = self.issue_refresh_token(address)
        return 200, told

    def _id_token(self, address: str) -> str:
        claims = {"iss": self.url, "aud": CLIENT_ID, "email": address}
        parts = [json.dumps({"alg": "none"}), json.dumps(claims), "signature"]
        return ".".join(
            base64.urlsafe_b64encode(part.encode()).decode().rstrip("=")
            for part in parts
        )


def _gone(form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
    """Refuse, and repeat what was sent, as the rudest provider would."""
    return 400, {"error": "invalid_grant", "error_description": str(dict(form))}


def _is_proof(grant: Grant, form: Mapping[str, str]) -> bool:
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return challenge == grant.challenge and form["redirect_uri"] == grant.redirect_uri


class Handler(BaseHTTPRequestHandler):
    """Also what a fault is given: it may answer as it likes."""

    @property
    def oauth(self) -> OAuthServer:
        return self.server.oauth  # type: ignore[attr-defined,no-any-return] # as above

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        assert parts.path == "/authorize"
        where = self.oauth.authorize(_plain(parts.query))
        self.answer(302, b"", {"Location": where})

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        form = _plain(self.rfile.read(length).decode())
        self.oauth.asked.append(form)
        if self.oauth.faults:
            self.oauth.faults.popleft()(self)
            return
        does = self.oauth.device if self.path == "/device" else self.oauth.token
        status, told = does(form)
        self.answer(status, json.dumps(told).encode())

    def answer(
        self, status: int, body: bytes, headers: Mapping[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _plain(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


class _StayHere(urllib.request.HTTPRedirectHandler):
    def http_error_302(
        self, req: Any, fp: Any, code: Any, msg: Any, headers: Any
    ) -> Any:
        return fp


# Faults


def says(status: int, body: bytes | dict[str, Any]) -> Fault:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda handler: handler.answer(status, raw)


def hangs_up(handler: Handler) -> None:
    handler.close_connection = True
    handler.connection.close()


def dribbles(handler: Handler) -> None:
    """Send a byte every 50 ms, for as long as anybody listens."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    try:
        for _ in range(2000):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        handler.close_connection = True


def is_huge(handler: Handler) -> None:
    """Send 100 MB, in pieces without a length."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    try:
        for _ in range(1600):
            handler.wfile.write(b"x" * 65_536)
    except OSError:
        pass
    handler.close_connection = True


@contextmanager
def oauth_server(name: str = "google") -> Iterator[OAuthServer]:
    server = OAuthServer(name)
    try:
        yield server
    finally:
        server.stop()
