"""From bytes that anybody may have sent to clean text, in linear time.

Nothing here raises, whatever the input: unknown codecs are guessed, broken base64 is
read as far as it goes, and what remains has no control or direction characters.
"""

import codecs
import encodings.aliases
import html
import re
from binascii import Error as NoEncoding
from binascii import a2b_base64, a2b_qp, a2b_uu
from contextlib import suppress

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
    "gb_2312_80": "gb18030",
    "windows_874": "cp874",
    "utf8": "utf_8",
    "x_gbk": "gb18030",
}

# Codecs in which an ASCII byte may mean something else: no header is written in them.
_NO_ASCII = ("utf_7", "utf_16", "utf_32", "hz", "cp037", "cp500", "cp1026", "cp1140")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf_8_sig"),
    (codecs.BOM_UTF32_LE, "utf_32"),
    (codecs.BOM_UTF16_LE, "utf_16"),
    (codecs.BOM_UTF16_BE, "utf_16"),
)

_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad"  # control characters, soft hyphen
    "\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e"  # direction, zero width
    "\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\u115f\u1160\u3164\uffa0\U000e0000-\U000e007f"  # fillers and tags: no glyph
    "\ud800-\udfff]"  # half characters: UTF-7 can spell them, PostgreSQL cannot
)
_SPACES = re.compile(r"\s+")
_NAME_SEPARATORS = re.compile(r"[^a-z0-9]+")
_ENCODED_WORD_START = re.compile(rb"=\?([^?\s]{1,60})\?([bBqQ])\?")
_ENTITY = re.compile(
    r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?"
)
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]")
_BASE64 = re.compile(rb"[^=]+")
_META_CHARSET = re.compile(
    rb"""<meta\s[^>]{0,200}?charset\s{0,5}=\s{0,5}["']?([\w.:-]{1,40})""",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(?:[A-Za-z/!?]|\Z)")  # the `<` of `a < b` is none
_TAG_NAME = re.compile(r"/?[a-z][a-z0-9]{0,20}")
_QUOTE_OR_END = re.compile(r"""=\s*(["'])|>""")
_BLOCKS = frozenset({
    "address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "form",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "ol", "p", "pre",
    "section", "table", "td", "th", "tr", "ul",
})  # fmt: skip
_HIDDEN = frozenset({"script", "style", "title"})  # not head: many forget to close it


def decode(data: bytes, charset: str = "") -> str:
    """Return bytes as text; an unknown or wrong charset is guessed."""
    codec = next(
        (codec for mark, codec in _BYTE_ORDER_MARKS if data.startswith(mark)),
        _codec(charset),
    )
    if codec == "utf_16" and data[:1] == b"\0":  # Latin letters without a mark
        codec = "utf_16_be"
    if codec not in {"guess", "utf_8"}:
        try:
            return codecs.decode(data, codec, "replace")
        except (ValueError, LookupError):  # some multi-byte codecs raise all the same
            pass
    return _guess(data)


def decode_raw(data: bytes, charset: str = "") -> str:
    """Return a header's bytes as text, which nobody should write but in ASCII.

    It is UTF-8 (RFC 6532), or what the body is written in, which is `charset`.
    """
    if data.isascii() and b"\x1b" not in data:
        return data.decode("ascii")
    codec = _codec(charset)
    if data.isascii():
        return decode(data, charset if codec.startswith("iso2022") else "")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        is_cut = error.reason == "unexpected end of data"
    if is_cut or codec.startswith(("iso2022", *_NO_ASCII)):
        return _guess(data)
    return decode(data, charset)


def _codec(charset: str) -> str:
    name = _NAME_SEPARATORS.sub("_", charset.lower()[:60]).strip("_")
    return _CODECS.get(name) or _CODECS.get(name.removeprefix("x_"), "guess")


def _guess(data: bytes) -> str:
    """UTF-8 where most of it is that, else what Windows writes in the west."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        text = data.decode("utf-8", "replace")
        if error.reason == "unexpected end of data":  # cut inside the last character
            return text
        wrong = text.count("\ufffd")
        right = len(text) - wrong - len(text.encode("ascii", "ignore"))
        return text if right > wrong else data.decode("cp1252", "replace")


def clean(text: str) -> str:
    """Take out what is not meant to be seen: control, direction, half characters."""
    return _UNWANTED.sub("", text)


def one_line(text: str) -> str:
    if text.isascii() and text.isprintable():  # most of what there is
        return " ".join(text.split())
    return _SPACES.sub(" ", clean(_SPACES.sub(" ", text))).strip()


def decode_header(value: bytes, charset: str = "") -> str:
    """Decode a header field's value with its encoded words (RFC 2047), on one line.

    Neighbouring words of one charset are joined first: many mailers cut a character
    in two. `charset` is for what is not encoded.
    """
    if b"=?" not in value:
        return one_line(decode_raw(value, charset))
    pieces: list[str] = []
    waiting, waiting_charset = b"", b""
    position = 0
    while match := _ENCODED_WORD_START.search(value, position):
        end = value.find(b"?=", match.end())
        if end < 0:
            break
        between = value[position : match.start()]
        word_charset = match[1].partition(b"*")[0].lower()  # RFC 2231 adds a language
        if between.strip() or word_charset != waiting_charset:
            pieces.append(_decoded_words(waiting, waiting_charset))
            waiting, waiting_charset = b"", word_charset
        if between.strip() or position == 0:
            pieces.append(decode_raw(between, charset))
        word = value[match.end() : end]
        is_base64 = match[2] in b"bB"
        waiting += decode_base64(word) if is_base64 else a2b_qp(word, header=True)
        position = end + 2
    pieces += [
        _decoded_words(waiting, waiting_charset),
        decode_raw(value[position:], charset),
    ]
    return one_line("".join(pieces))


def _decoded_words(data: bytes, charset: bytes) -> str:
    return decode(data, charset.decode("latin-1")) if data else ""


def decode_base64(data: bytes) -> bytes:
    """Decode base64 that may be cut anywhere and hold anything in between.

    After a padding may come more: mailers join what was encoded by itself.
    """
    letters = _NOT_BASE64.sub(b"", data)
    return b"".join(_decoded_piece(piece) for piece in _BASE64.findall(letters))


def _decoded_piece(letters: bytes) -> bytes:
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return a2b_base64(letters + b"=" * (-len(letters) % 4))


def decode_quoted(data: bytes) -> bytes:
    """Decode quoted-printable; what is no escape stays as it is."""
    return a2b_qp(data)


def decode_uu(data: bytes) -> bytes:
    """Decode uuencoded lines from their `begin` on; without one it stays as it is."""
    lines = data.split(b"\n")
    begin = next((n for n, line in enumerate(lines) if line.startswith(b"begin ")), -1)
    if begin < 0:
        return data
    pieces = []
    for line in lines[begin + 1 :]:
        if line.startswith(b"end"):
            break
        with suppress(NoEncoding):
            pieces.append(a2b_uu(line))
    return b"".join(pieces)


def join_flowed(text: str) -> str:
    """Make one line of those that a mailer broke (RFC 3676), but for a signature's."""
    return text.replace("\n-- \n", "\n--\n").replace(" \n", " ")


def meta_charset(data: bytes) -> str:
    """Return the charset that HTML names itself, if it can be true."""
    match = _META_CHARSET.search(data[:4096])
    charset = match[1].decode("ascii") if match else ""
    return "" if _codec(charset).startswith(_NO_ASCII) else charset


def html_to_text(source: str) -> str:
    """Return the visible text of HTML: one pass, no tree, any input."""
    lowered = source.lower() if source.isascii() else _ascii_lower(source)
    pieces: list[str] = []
    position = 0
    while found := _TAG.search(source, position):
        start = found.start()
        pieces.append(source[position:start])
        if source.startswith("<!--", start):
            position = _after(source, "-->", start + 2)  # `<!-->` is a whole one
        elif name := _TAG_NAME.match(lowered, start + 1):
            position = _tag_end(source, name.end())
            if name[0] in _HIDDEN and position >= 0:
                position = lowered.find(f"</{name[0]}", position)
            elif name[0].lstrip("/") in _BLOCKS:
                pieces.append("\n")
        else:
            position = _after(source, ">", start)
        if position < 0:  # cut here: what follows was never meant to be seen
            break
    else:
        pieces.append(source[position:])
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), "".join(pieces))


def _after(source: str, mark: str, position: int) -> int:
    found = source.find(mark, position)
    return found + len(mark) if found >= 0 else -1


def _tag_end(source: str, position: int) -> int:
    """Return where a tag is over, or -1; a value in quotes may hold a `>`.

    Each quote is looked for once: one that is never closed is no quote.
    """
    while match := _QUOTE_OR_END.search(source, position):
        if match[0] == ">":
            return match.end()
        position = source.find(match[1], match.end()) + 1
        if position == 0:
            return _after(source, ">", match.end())
    return -1


_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def _ascii_lower(text: str) -> str:
    """Lower-case without changing the length, as `str.lower` does for some letters."""
    return text.translate(_ASCII_LOWER)


def tidy(text: str) -> str:
    """Clean text of several lines, without empty ones."""
    lines = clean(text.replace("\r", "\n")).split("\n")
    return "\n".join(filter(None, map(str.strip, lines)))
