"""What a label is called on the server."""

import re
from binascii import b2a_base64

MAX_GMAIL_LABEL = 225  # characters

# An atom of RFC 3501: no control character, space or one of these.
_NO_ATOM = re.compile(rb'[\x00-\x20\x7f-\xff(){%*"\\\]]')


_NOT_PRINTABLE = re.compile(r"[^\x20-\x7e]+")


def encode_utf7(name: str) -> bytes:
    """Write a name in modified UTF-7 (RFC 3501, 5.1.3)."""
    plain = name.replace("&", "&-")
    return _NOT_PRINTABLE.sub(_shifted, plain).encode("ascii")


def _shifted(found: re.Match[str]) -> str:
    encoded = b2a_base64(found[0].encode("utf-16-be", "surrogatepass"), newline=False)
    return f"&{encoded.decode().rstrip('=').replace('/', ',')}-"


def keyword(label: str) -> str:
    """Return the IMAP keyword for a label: `Receipts` stays, `My mail` is `My_mail`.

    Letters outside ASCII are written in modified UTF-7, as Thunderbird does. The result
    is empty when nothing is left that a keyword can hold.
    """
    atom = _NO_ATOM.sub(b"_", encode_utf7(label))
    return atom.decode("ascii").strip("_")


def gmail_label(prefix: str, label: str) -> str:
    """Return the nested name of a label on Gmail, or nothing if it cannot be sent.

    Gmail itself owns names that start with a backslash.
    """
    name = f"{prefix}/{label}" if prefix else label
    possible = name.isprintable() and not name.startswith("\\")
    return name if possible and len(name) <= MAX_GMAIL_LABEL else ""


# What LIST takes for a wildcard, or a server may take for something else.
_NOT_IN_FOLDERS = re.compile(r'[\x00-\x1f\x7f%*"\\]')
FLAT = "-"  # between the parts of a name where folders cannot be nested


def folder(prefix: str, label: str, delimiter: str) -> str:
    """Return the folder of a label, or nothing if none can be named after it.

    `/` nests in the prefix, as on Gmail, and nothing does in a label. `delimiter` is
    the server's, and empty where folders cannot be nested.
    """
    parts = [*prefix.split("/"), label] if prefix else [label]
    clean = [_part(part, delimiter) for part in parts]
    return (delimiter or FLAT).join(clean) if all(clean) else ""


def _part(text: str, delimiter: str) -> str:
    part = _NOT_IN_FOLDERS.sub("_", text)
    part = part.replace("/", "_").replace(delimiter or FLAT, "_")
    return part.strip()


MAX_LABEL = 64  # characters
# Dovecot's mail_max_keyword_length: it keeps no longer one.
MAX_KEYWORD = 50  # characters
# What servers call their own folders, and Gmail its labels, where the prefix is empty.
SYSTEM_NAMES = frozenset(
    """
    all all_mail archive chat chats deleted deleted_items deleted_messages drafts gmail
    googlemail imap important inbox junk junk_e-mail junk_email muted outbox scheduled
    sent sent_items sent_mail sent_messages snoozed spam starred trash unread
    """.split()  # noqa: SIM905 # as words, they are read and sorted more easily
)
# What mail programs call their keywords (the IANA's registry), beside those with a $,
# and flags without their backslash.
SYSTEM_KEYWORDS = frozenset(
    """
    answered deleted draft flagged forwarded mdnsent nonjunk notjunk old phishing recent
    redirected seen submitted submitpending unseen
    """.split()  # noqa: SIM905
)
_GMAIL_CATEGORY = "category_"


def label_fault(label: str) -> str | None:
    """Say why a label cannot be put on mail on every kind of server, or None."""
    parts = label.split("/")
    length = len(keyword(label))
    faults = (
        (label != label.strip(), "may not begin or end with a space"),
        (len(label) > MAX_LABEL, f"may have {MAX_LABEL} characters at most"),
        (
            not label.isprintable() or "\\" in label,
            "may hold no backslash and no character that cannot be seen",
        ),
        (not length, "needs a letter or a digit"),
        (
            any(part != part.strip() or not part for part in parts),
            "is nested by `/`, which needs a name on both of its sides",
        ),
        (
            length > MAX_KEYWORD,
            f"is {length} characters long as a keyword, of {MAX_KEYWORD} at most",
        ),
        (
            _is_reserved(label),
            "is a name that mail servers and programs use themselves",
        ),
    )
    return next((text for is_so, text in faults if is_so), None)


def _is_reserved(label: str) -> bool:
    first = label.partition("/")[0].strip("[]").lower()
    return (
        keyword(first) in SYSTEM_NAMES
        or first.startswith(_GMAIL_CATEGORY)
        or label.startswith("$")
        or keyword(label).lower() in SYSTEM_KEYWORDS
    )


def label_keys(label: str) -> set[str]:
    """Names under which a server may know a label: two with a common one are one."""
    folded = label.casefold()
    return {folded, keyword(folded), folder("", folded, "/")}
