"""The form for a new account: what was typed becomes an account, or what is wrong."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from mailbeat.db.accounts import NewAccount
from mailbeat.mail.providers import Server
from webapp.api.schemas import AccountChange, AccountNew, Password
from webapp.language import N_, _

# What the API asks of each field, in words for a person.
_SENTENCES = {
    "email_address": N_("That is not an address like you@example.org."),
    "host": N_("A name like imap.example.org, without a space."),
    "port": N_("A whole number from 1 to 65535."),
    "security": N_("One of the three."),
    "username": N_("At most 320 printable characters."),
    "mailbox": N_("At most 255 printable characters."),
    "interval_seconds": N_("A whole number from 2 to 86400."),
}
_OF_SETTINGS = {
    "interval_seconds": N_("A whole number of seconds from 2 to 86400."),
    "look_back_hours": N_("A whole number of hours from 1 to 8760."),
    "label_prefix": N_("At most 64 printable characters."),
}
_TICKS = ("moves_mail", "learns_from_mailbox", "asks_llm")
NOT_TAKEN = N_("At most 1024 characters, and no control characters such as a new line.")
_NUMBERS = ("port", "interval_seconds")
_PASSWORD: TypeAdapter[Password] = TypeAdapter(Password)
_NONE_YET = "-"  # in place of a password where there will be tokens

Find = Callable[[str], Server | None]


def read_form(
    form: Mapping[str, str], find: Find, *, by_password: bool = True
) -> tuple[NewAccount | None, dict[str, str]]:
    """Return the account, or None and a sentence for each field that is wrong.

    It is what the API takes, and an address also needs a domain with a dot. `find` is
    asked for the server of an address when no host was typed.
    """
    typed = {name: form.get(name, "").strip() for name in _SENTENCES}
    sent: dict[str, object] = {name: value for name, value in typed.items() if value}
    password = form.get("password", "") if by_password else _NONE_YET
    wrong = {name for name in _NUMBERS if not _is_number(typed[name] or "0")}
    if "." not in typed["email_address"].rpartition("@")[2]:
        wrong.add("email_address")
    try:
        sent |= {"password": password, "moves_mail": is_checked(form, "moves_mail")}
        new = AccountNew.model_validate(sent)
    except ValidationError as error:
        wrong |= {str(one["loc"][0]) for one in error.errors(include_input=False)}
    errors = {name: _SENTENCES[name] for name in _SENTENCES if name in wrong}
    if fault := password_fault(password):
        errors["password"] = fault
    if errors:
        return None, errors
    found = None if new.host else find(new.email_address)
    if new.host is None and found is None:
        domain = new.email_address.rpartition("@")[2]
        return None, {
            "host": _("We found none for %(domain)s. What is it called?", domain=domain)
        }
    account = replace(new.as_new_account(found), setting_up=True)
    return (account if by_password else replace(account, password="")), {}


def read_change(
    form: Mapping[str, str], names: Iterable[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return new values of columns, and a sentence for each field that is wrong.

    What is empty is left out, a password too: then the one that is stored stays.
    """
    typed = {name: form.get(name, "").strip() for name in names}
    sent: dict[str, object] = {name: value for name, value in typed.items() if value}
    if password := form.get("password", "") if "password" in typed else "":
        sent["password"] = password
    wrong = {name for name in _NUMBERS if not _is_number(typed.get(name) or "0")}
    try:
        changes = AccountChange.model_validate(sent).model_dump(exclude_unset=True)
    except ValidationError as error:
        wrong |= {str(one["loc"][0]) for one in error.errors(include_input=False)}
    errors = {name: _(_SENTENCES.get(name, NOT_TAKEN)) for name in typed}
    if wrong:
        return {}, {name: text for name, text in errors.items() if name in wrong}
    if "password" in changes:
        changes["password"] = changes["password"].get_secret_value()
    return changes, {}


def read_settings(
    form: Mapping[str, str],
) -> tuple[dict[str, Any], dict[str, str]]:
    """The same for how an account runs: of numbers, what is empty is the default.

    What is not in the form stays; a box is one of those that are, if `ticks` is sent.
    """
    typed = {name: form[name].strip() for name in _OF_SETTINGS if name in form}
    numbers = {name: text for name, text in typed.items() if name != "label_prefix"}
    wrong = {name for name, text in numbers.items() if not _is_number(text or "0")}
    sent: dict[str, object] = {
        name: text for name, text in typed.items() if text or name == "label_prefix"
    }
    sent |= {name: None for name, text in numbers.items() if not text}
    if form.get("ticks"):
        sent |= {name: is_checked(form, name) for name in _TICKS}
    try:
        changes = AccountChange.model_validate(sent).model_dump(exclude_unset=True)
    except ValidationError as error:
        wrong |= {str(one["loc"][0]) for one in error.errors(include_input=False)}
    if wrong:
        return {}, {
            name: _(text) for name, text in _OF_SETTINGS.items() if name in wrong
        }
    return changes, {}


def is_checked(form: Mapping[str, str], name: str) -> bool:
    """Whether a box is ticked: a browser sends it then, and else nothing."""
    return bool(form.get(name))


def password_fault(password: str) -> str | None:
    """Say what is wrong with a password that was typed, or None."""
    if not password:
        return _("Without a password nobody lets us in.")
    try:
        _PASSWORD.validate_python(password)
    except ValidationError:
        return NOT_TAKEN
    return None


def _is_number(text: str) -> bool:
    # Pydantic takes "1_000" and " 7.0" for numbers too.
    return text.isascii() and text.isdigit()
