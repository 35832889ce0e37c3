"""A password that sings: whatever form it takes in a text, it is found."""

import base64
import json
from urllib.parse import quote

SONG = "Kanarie7x"  # in every canary; long enough to be in nothing by chance
PASSWORDS = {"ascii": f'{SONG} "in\\a{{ cage', "other": f"pässwörd {SONG} ключ"}


def sings(text: str | bytes) -> bool:
    """Whether a canary is in a text: plain, escaped, quoted or in base64."""
    raw = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    return any(form in raw for form in _FORMS)


def _in_base64(word: bytes) -> set[bytes]:
    """What is the same in base64 whatever comes before and after the word."""
    forms = set()
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + word)
        first = (before * 8 + 5) // 6  # letters that what comes before is part of
        last = (before + len(word)) * 8 // 6
        forms.add(encoded[first:last])
    return forms


_TWICE = {two for one in _in_base64(SONG.encode()) for two in _in_base64(one)}
_FORMS = {
    SONG.encode(),
    SONG.encode("utf-16-le"),
    SONG.encode().hex().encode(),
    *_in_base64(SONG.encode()),
    *_TWICE,  # an event's body is in base64, and may hold what was in it before
}


def forms_of(password: str) -> dict[str, str]:
    """Some of the ways in which a program may write down a password."""
    raw = password.encode()
    return {
        "plain": f"the password {password}.",
        "repr": repr(password),
        "bytes": repr(raw),
        "json": json.dumps({"password": password}),
        "url": quote(password),
        "base64": base64.b64encode(raw).decode(),
        "sasl": base64.b64encode(b"\0ada\0" + raw).decode(),
        "event": base64.b64encode(
            json.dumps({"x": base64.b64encode(b"\0ada\0" + raw).decode()}).encode()
        ).decode(),
    }
