"""Headers on every answer, and who may send a request that changes something."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Flask, Request, Response, g, request
from werkzeug.exceptions import Forbidden, UnsupportedMediaType

from mailbeat.settings import Settings
from webapp.language import _
from webapp.parts import parts

# Nothing from elsewhere, nothing inline, and no string becomes script: the pages set
# text only (Trusted Types with no policy make innerHTML throw).
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' data:; "
    "connect-src 'self'; "
    "manifest-src 'self'; "
    "base-uri 'none'; "
    "form-action 'self'; "
    "frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)
# Where the browser is asked to notify. A service worker is a script too, and this
# policy, made by settings.js, lets that one through and nothing else.
MAY_START_OUR_WORKER = CONTENT_SECURITY_POLICY.replace(
    "trusted-types 'none'", "trusted-types mailbeat-worker"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # With "no-referrer" a form is sent with `Origin: null`, also by our own pages.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
TWO_YEARS = 63_072_000  # seconds
STAY_ON_HTTPS = {"Strict-Transport-Security": f"max-age={TWO_YEARS}"}
# As rules are sent. No form can send them, just as JSON.
YAML_TYPES = frozenset({"application/yaml", "application/x-yaml", "text/yaml"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def protect(app: Flask) -> None:
    """Put the headers on every answer of an app, errors included."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if can_be_overheard(request, parts().settings):
            # Browsers take it from trustworthy origins only, and complain elsewhere.
            response.headers.pop("Cross-Origin-Opener-Policy", None)
        if not request.path.startswith("/static/"):
            response.headers["Cache-Control"] = "no-store"
        if is_https(request, parts().settings):
            response.headers.update(STAY_ON_HTTPS)
        if "request_id" in g:
            response.headers["X-Request-Id"] = g.request_id
        return response

    @app.context_processor
    def tell() -> dict[str, bool]:
        return {"can_be_overheard": can_be_overheard(request, parts().settings)}


def can_be_overheard(asked: Request, settings: Settings) -> bool:
    """Whether keys and pages travel in the clear between the browser and us.

    The name that the browser used decides: with localhost nothing leaves its machine,
    or a tunnel carries it.
    """
    return not is_https(asked, settings) and not is_loopback(asked.host)


def is_loopback(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        if name == "localhost" or name.endswith(".localhost"):
            return True
        return ip_address(name).is_loopback
    except ValueError:  # not an address
        return False


def is_https(asked: Request, settings: Settings) -> bool:
    """Whether the browser speaks https to us, as far as can be known."""
    public = urlsplit(settings.public_url or "")
    return asked.is_secure or (public.scheme == "https" and public.netloc == asked.host)


def own_origins(asked: Request, settings: Settings) -> set[str]:
    """Origins of our own pages."""
    own = {f"{asked.scheme}://{asked.host}"}
    if settings.public_url:
        public = urlsplit(settings.public_url)
        own.add(f"{public.scheme}://{public.netloc}")
    return own


def allowed_origins(settings: Settings) -> set[str]:
    """Origins of other people's pages that may open the feed with a ticket."""
    return {origin.rstrip("/") for origin in settings.allowed_origins}


def refuse_foreign_pages() -> None:
    """Let only our own pages use a browser's session to change something.

    SameSite alone does not do: a page on another port of the same host is the same
    site. What is sent to the API must be JSON, or YAML, which no form can send.

    Raises:
        Forbidden: another page, or an unknown one, sent this.
        UnsupportedMediaType: not JSON or YAML.
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        ours = site == "same-origin"
    else:
        ours = request.headers.get("Origin") in own_origins(request, parts().settings)
    if not ours:
        raise Forbidden(_("This request did not come from one of our own pages."))
    is_safe = request.is_json or request.mimetype in YAML_TYPES
    if request.path.startswith("/api/") and not is_safe:
        raise UnsupportedMediaType("Send JSON, with Content-Type: application/json.")
