"""The form for a new account: what was typed becomes an account, or what is wrong."""

from collections.abc import Mapping

from mailbeat.db.accounts import NewAccount
from mailbeat.mail.mailbox import DEFAULT_PORTS, Security
from mailbeat.mail.providers import guess_server

LONGEST_ADDRESS = 320
LONGEST_NAME = 255
PORTS = range(1, 65_536)
INTERVALS = range(2, 86_401)  # seconds


def read_form(form: Mapping[str, str]) -> tuple[NewAccount | None, dict[str, str]]:
    """Return the account, or None and a sentence for each field that is wrong.

    What is left empty is guessed from the address.
    """
    errors: dict[str, str] = {}
    typed = {name: value.strip() for name, value in form.items() if name != "password"}
    address = typed.get("email_address", "")
    if not _is_address(address):
        errors["email_address"] = "That is not an address like you@example.org."
    password = form.get("password", "")
    if not password:
        errors["password"] = "Without a password nobody lets us in."  # noqa: S105 # a sentence
    host = typed.get("host", "")
    if not _is_word(host):
        errors["host"] = "A name like imap.example.org, without a space."
    for name in ("mailbox", "username"):
        value = typed.get(name, "")
        if len(value) > LONGEST_NAME or not value.isprintable():
            errors[name] = f"At most {LONGEST_NAME} printable characters."
    port = _number(typed, "port", PORTS, errors)
    interval = _number(typed, "interval_seconds", INTERVALS, errors)
    if errors:
        return None, errors
    security = _security(typed.get("security", ""))
    new = NewAccount(
        email_address=address,
        host=host or guess_server(address).host,
        port=port or DEFAULT_PORTS[security],
        security=security,
        username=typed.get("username") or address,
        password=password,
        mailbox=typed.get("mailbox") or "INBOX",
        interval_seconds=interval,
    )
    return new, {}


def _is_address(text: str) -> bool:
    name, _, domain = text.rpartition("@")
    return (
        bool(name and "." in domain) and _is_word(text) and len(text) <= LONGEST_ADDRESS
    )


def _is_word(text: str) -> bool:
    return text.isprintable() and " " not in text and len(text) <= LONGEST_NAME


def _security(text: str) -> Security:
    try:
        return Security(text)
    except ValueError:
        return Security.TLS


def _number(
    typed: Mapping[str, str], name: str, allowed: range, errors: dict[str, str]
) -> int | None:
    text = typed.get(name, "")
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 10 and int(text) in allowed:  # noqa: PLR2004
        return int(text)
    errors[name] = f"A whole number from {allowed[0]} to {allowed[-1]}."
    return None
