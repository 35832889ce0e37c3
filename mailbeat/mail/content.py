"""What a message says: the text among its MIME parts, of which some may be missing.

A reader of our own: a body is cut after some kilobytes, so its last boundaries are
absent, and whoever wrote it may have wanted to keep us busy. The standard library's
recurses, and counts quotes again and again; ours goes over the body once. On 3,921
messages both find the same text but for 57: most are HTML that begins with long styles
or unclosed heads, the others wrong boundaries and charsets.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from mailbeat.mail import text as texts
from mailbeat.mail.fields import scan

MAX_PARTS = 50
MAX_DEPTH = 20  # more nesting than any mailer writes
MAX_HTML = 64 * 1024  # bytes
MIN_LETTERS = 20  # less is a note that HTML is needed, or that there is more to read

_KIND = re.compile(r"([\w.+-]{1,60})\s?/\s?([\w.+-]{1,60})", re.ASCII)
_BOUNDARY = re.compile(
    r"""(?:^|[;\s])boundary\s?=\s?(?:"([^"]{1,100})"?|([^\s;"]{1,100}))""",
    re.IGNORECASE,
)
# A line that is likely one, whatever the header says: what follows is a field.
_LIKELY_BOUNDARY = re.compile(
    rb"\n--([^\n]{1,100})\n(?=content-[a-z-]{1,30}[ \t]?:)", re.IGNORECASE
)
_CHARSET = re.compile(
    r"""charset(?:\*0?\*?)?\s?=\s?["']?(?:[\w-]{0,40}'[\w-]{0,20}')?([^"';\s]{1,60})""",
    re.IGNORECASE,
)
_FLOWED = re.compile(r"format\s?=\s?[\"']?flowed", re.IGNORECASE)
_HEADER = re.compile(
    rb"(?:>?From (?!:)[^\n]*\n)?"  # of an mbox
    # No possessive group: before Python 3.11.5 one that fails half way has moved on
    # (python/cpython#106052). Nothing follows that could make it go back.
    rb"(?:(?!--)[!-9;-~]{1,76}[ \t]{0,5}:[^\n]*(?:\n|\Z)(?:[ \t][^\n]*(?:\n|\Z))*)*"
)

Headers = Mapping[str, bytes]  # by lower-case names


@dataclass(frozen=True, slots=True)
class Content:
    """The text of a message, and the content types of what else it holds."""

    text: str
    attachments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    kind: str
    headers: Headers
    data: bytes

    @property
    def is_attached(self) -> bool:
        disposition = self.headers.get("content-disposition", b"")
        return disposition.lower().startswith(b"attachment")

    def text(self) -> str:
        return part_text(
            self.data,
            kind=self.kind,
            encoding=_value(self.headers, "content-transfer-encoding"),
            content_type=_value(self.headers, "content-type"),
        )


def read_content(headers: Headers, body: bytes) -> Content:
    """Return the first plain text, or the HTML's where that says more.

    `body` has its lines ended by LF.
    """
    plain, html = "", None
    attachments: list[str] = []
    for part in _leaves(headers, body):
        if part.is_attached:
            attachments.append(part.kind)
        elif part.kind == "text/html":
            html = html or part
        elif part.kind.startswith(("text/plain", "multipart/")):  # one without parts
            plain = plain or part.text()
        else:
            attachments.append(part.kind)
    if html and letters_in(plain) < MIN_LETTERS:
        plain = max(plain, html.text(), key=letters_in)
    return Content(plain, tuple(attachments))


def letters_in(text: str) -> int:
    """Count the letters, but no further than matters."""
    return sum(1 for _ in islice(filter(str.isalpha, text), MIN_LETTERS))


def part_text(data: bytes, *, kind: str, encoding: str, content_type: str) -> str:
    """Decode the bytes of one part and clean the text in it.

    `content_type` is looked at for its parameters only.
    """
    encoding = encoding.lower()
    if encoding.startswith("base64"):
        data = texts.decode_base64(data)
    elif encoding.startswith("quoted-printable"):
        data = texts.decode_quoted(data)
    elif encoding.startswith(("x-uu", "uu")):
        data = texts.decode_uu(data)
    found = _CHARSET.search(content_type)
    charset = found[1] if found else ""
    if kind == "text/html":
        data = data[:MAX_HTML]
        text = texts.decode(data, charset or texts.meta_charset(data))
        return texts.tidy(texts.html_to_text(text))
    text = texts.decode(data, charset)
    if _FLOWED.search(content_type):
        text = texts.join_flowed(text)
    return texts.tidy(text)


def charset_of(headers: Headers) -> str:
    """Return what the body is written in, if the header says so."""
    found = _CHARSET.search(_value(headers, "content-type"))
    return found[1] if found else ""


def _leaves(headers: Headers, body: bytes) -> Iterator[_Part]:
    """Yield the parts that have no parts, also those of messages inside."""
    body = b"\n" + body
    opened: list[bytes] = []  # boundaries, the outermost first
    digests: list[bool] = []  # of each, whether messages are between them
    start = 1  # of the content that belongs to `headers`
    default = "text/plain"
    for _ in range(MAX_PARTS):
        kind = _kind(headers, default)
        if kind == "message/rfc822":
            headers, start = _read_headers(body, start)
            default = "text/plain"
            continue
        boundary = b""
        if kind.startswith("multipart/"):
            boundary = _boundary(headers, body, start - 1, opened)
        if boundary and len(opened) < MAX_DEPTH:
            opened.append(boundary)
            digests.append(kind == "multipart/digest")
        end, after, level, closes = _next_delimiter(body, start - 1, opened)
        if not boundary:
            yield _Part(kind, headers, body[start:end])
        while closes:
            del opened[level:], digests[level:]
            _, after, level, closes = _next_delimiter(body, after, opened)
        if level < 0:
            return
        del opened[level + 1 :], digests[level + 1 :]
        headers, start = _read_headers(body, after + 1)
        default = "message/rfc822" if digests[-1] else "text/plain"


def _next_delimiter(
    body: bytes, start: int, opened: list[bytes]
) -> tuple[int, int, int, bool]:
    """Find the next line that ends a part.

    Returns where it starts and ends, each at the line feed, whose boundary it is, and
    whether it is the last of those; at the end of the body nobody's (-1).
    """
    while opened and (start := body.find(b"\n--", start)) >= 0:
        end = body.find(b"\n", start + 1)
        end = len(body) if end < 0 else end
        line = body[start + 3 : min(end, start + 200)].rstrip()
        for name, closes in ((line, False), (line.removesuffix(b"--"), True)):
            if name in opened:
                return start, end, _last_index(opened, name), closes
        start = end
    return len(body), len(body), -1, False


def _last_index(opened: list[bytes], name: bytes) -> int:
    return len(opened) - 1 - opened[::-1].index(name)


def _read_headers(body: bytes, start: int) -> tuple[Headers, int]:
    """Read the fields of a part; without a blank line what is no field is content."""
    found = _HEADER.match(body, start)
    end = found.end() if found else start
    headers: dict[str, bytes] = {}
    for name, value in scan(body[start:end].split(b"\n")):
        if name.startswith("content-"):
            headers.setdefault(name, value)
    return headers, end + (body[end : end + 1] == b"\n")


def _kind(headers: Headers, default: str) -> str:
    """Return the content type; what is none means plain text (RFC 2045, 5.2)."""
    found = _KIND.match(_value(headers, "content-type"))
    if found:
        return f"{found[1]}/{found[2]}".lower()
    return "text/plain" if "content-type" in headers else default


def _boundary(headers: Headers, body: bytes, start: int, opened: list[bytes]) -> bytes:
    """Return the declared boundary, or where no line has it one that fits."""
    found = _BOUNDARY.search(_value(headers, "content-type"))
    declared = (found[1] or found[2]).encode("latin-1").rstrip() if found else b""
    if declared and body.find(b"\n--" + declared, start) >= 0:
        return declared
    for line in _LIKELY_BOUNDARY.finditer(body, start):
        name = line[1].rstrip()
        if name and name not in opened:
            return name
    return b""


def _value(headers: Headers, name: str) -> str:
    return headers.get(name, b"").decode("latin-1")
