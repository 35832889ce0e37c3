"""From bytes that anybody may have sent to clean text, in linear time.

Nothing here raises, whatever the input: unknown codecs are guessed, broken base64 is
read as far as it goes, and what remains has no control or direction characters.
"""

import binascii
import codecs
import encodings.aliases
import html
import re

# Only codecs that Python ships, and of those only from bytes to text. `codecs.lookup`
# remembers every name it was ever asked for, so a mail must not choose the names.
_NO_TEXT = {
    "base64_codec", "bz2_codec", "hex_codec", "idna", "mbcs", "oem", "palmos",
    "punycode", "quopri_codec", "raw_unicode_escape", "rot_13", "undefined",
    "unicode_escape", "uu_codec", "zlib_codec",
}  # fmt: skip
_CODECS = {
    name: codec
    for name, codec in (
        *((codec, codec) for codec in encodings.aliases.aliases.values()),
        *encodings.aliases.aliases.items(),
    )
    if codec not in _NO_TEXT
} | {
    # What mailers write, and what they mean by it.
    "ansi_x3_110_1983": "cp1252",
    "ascii": "guess",
    "us_ascii": "guess",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso_8859_1": "cp1252",
    "iso8859_1": "cp1252",
    "latin_1": "cp1252",
    "latin1": "cp1252",
    "iso_8859_8_i": "iso8859_8",
    "ks_c_5601_1987": "cp949",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "x_sjis": "cp932",
    "unicode_1_1_utf_7": "utf_7",
    "cp_1252": "cp1252",
    "utf8": "utf_8",
    "x_gbk": "gb18030",
}

_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad"  # control characters, soft hyphen
    "\u034f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"  # direction, zero width
    "\ud800-\udfff]"  # half characters: UTF-7 can spell them, PostgreSQL cannot
)
_SPACES = re.compile(r"\s+")
_BLANK_LINES = re.compile(r"[ \t\xa0]*\n\s*")
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_ENTITY = re.compile(
    r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?"
)
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_TAG_NAME = re.compile(r"/?[a-z][a-z0-9]*")
_BLOCKS = frozenset({
    "address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "form",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "ol", "p", "pre",
    "section", "table", "td", "th", "tr", "ul",
})  # fmt: skip
_HIDDEN = frozenset({"script", "style", "title", "head"})


def decode(data: bytes, charset: str = "") -> str:
    """Return bytes as text; an unknown or wrong charset is guessed."""
    name = re.sub(r"[^a-z0-9]+", "_", charset.lower()[:60]).strip("_")
    codec = _CODECS.get(name, "guess")
    if codec != "guess":
        try:
            return codecs.decode(data, codec, "replace")
        except (ValueError, LookupError):  # some multi-byte codecs raise all the same
            pass
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":  # cut inside the last character
            return data.decode("utf-8", "replace")
        return data.decode("cp1252", "replace")


def clean(text: str) -> str:
    """Take out what is not meant to be seen: control, direction, half characters."""
    return _UNWANTED.sub("", text)


def one_line(text: str) -> str:
    return _SPACES.sub(" ", clean(_SPACES.sub(" ", text))).strip()


def decode_header(value: bytes) -> str:
    """Decode a header field's value with its encoded words (RFC 2047), on one line.

    Neighbouring words of one charset are joined first: many mailers cut a character
    in two.
    """
    raw = decode(value)
    pieces: list[str] = []
    waiting, waiting_charset = b"", ""
    position = 0
    for match in _ENCODED_WORD.finditer(raw):
        between = raw[position : match.start()]
        charset = match[1].partition("*")[0].lower()  # RFC 2231 adds a language
        if between.strip() or charset != waiting_charset:
            pieces.append(decode(waiting, waiting_charset))
            waiting, waiting_charset = b"", charset
        if between.strip() or position == 0:
            pieces.append(between)
        waiting += _encoded_word(match[2], match[3])
        position = match.end()
    pieces += [decode(waiting, waiting_charset), raw[position:]]
    return one_line("".join(pieces))


def _encoded_word(encoding: str, word: str) -> bytes:
    data = word.encode("utf-8", "replace")
    if encoding in "bB":
        return decode_base64(data)
    return binascii.a2b_qp(data, header=True)


def decode_base64(data: bytes) -> bytes:
    """Decode base64 that may be cut anywhere and hold anything in between."""
    letters = _NOT_BASE64.sub(
        b"", data.partition(b"=")[0] if b"=" in data[-4:] else data
    )
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def decode_quoted(data: bytes) -> bytes:
    """Decode quoted-printable; what is no escape stays as it is."""
    return binascii.a2b_qp(data)


def html_to_text(source: str) -> str:
    """Return the visible text of HTML: one pass, no tree, any input."""
    lowered = source.lower() if source.isascii() else _ascii_lower(source)
    pieces: list[str] = []
    position = 0
    while True:
        start = source.find("<", position)
        if start < 0:
            pieces.append(source[position:])
            break
        pieces.append(source[position:start])
        if lowered.startswith("<!--", start):
            end = source.find("-->", start + 4)
            position = end + 3
        else:
            end = source.find(">", start)
            position = end + 1
            name = _TAG_NAME.match(lowered, start + 1)
            if name is None and end >= 0 and not source.startswith(("<!", "<?"), start):
                # `a < b`: no tag at all.
                pieces.append("<")
                position = start + 1
                continue
            if name and name[0] in _HIDDEN and end >= 0:
                end = lowered.find(f"</{name[0]}", position)
                position = end
            elif name and name[0].lstrip("/") in _BLOCKS:
                pieces.append("\n")
        if end < 0:  # cut here: what follows was never meant to be seen
            break
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), "".join(pieces))


_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def _ascii_lower(text: str) -> str:
    """Lower-case without changing the length, as `str.lower` does for some letters."""
    return text.translate(_ASCII_LOWER)


def tidy(text: str) -> str:
    """Clean text of several lines, without empty ones."""
    return _BLANK_LINES.sub("\n", clean(text.replace("\r", "\n"))).strip()
