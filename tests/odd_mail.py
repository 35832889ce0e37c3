"""Messages that break parsers, written by us, each with what is to be read in it.

For tests and for `benchmarks/parse.py`. Lines end with LF here; `line_ends` makes the
other kinds.
"""

import base64
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mailbeat.mail.parse import FIELDS, MAX_BODY

LINE_ENDS = {"LF": b"\n", "CRLF": b"\r\n", "CR": b"\r"}

ADA = "ada@example.org"
TEA = "Tea at five?"
SAY_TEA = TEA.encode()


@dataclass(frozen=True)
class OddMail:
    """A message; what is None is not said, for nobody could say it."""

    raw: bytes
    sender: str | None = ADA
    subject: str | None = "Tea"
    text: str | None = TEA
    is_about_line_ends: bool = False


def mail(
    *fields: bytes,
    sender: bytes | None = b"Ada Lovelace <ada@example.org>",
    subject: bytes | None = b"Tea",
    body: bytes = SAY_TEA,
) -> bytes:
    lines = [
        *((b"From: " + sender,) if sender is not None else ()),
        b"To: me@example.net",
        *((b"Subject: " + subject,) if subject is not None else ()),
        b"Message-ID: <1@example.org>",
        *fields,
    ]
    return b"\n".join(lines) + b"\n\n" + body


def from_(value: bytes, expected: str) -> OddMail:
    return OddMail(mail(sender=value), sender=expected)


def about(value: bytes, expected: str | None) -> OddMail:
    return OddMail(mail(subject=value), subject=expected)


def says(
    body: bytes, text: str | None, content_type: bytes = b"", encoding: bytes = b""
) -> OddMail:
    fields = []
    if content_type:
        fields.append(b"Content-Type: " + content_type)
    if encoding:
        fields.append(b"Content-Transfer-Encoding: " + encoding)
    return OddMail(mail(*fields, body=body), text=text)


def html(body: bytes, text: str | None, charset: bytes = b"utf-8") -> OddMail:
    return says(body, text, b"text/html; charset=" + charset)


def parts(*bodies: bytes, boundary: bytes = b"x") -> bytes:
    opened = b"".join(b"--" + boundary + b"\n" + part + b"\n" for part in bodies)
    return opened + b"--" + boundary + b"--\n"


PLAIN_PART = b"Content-Type: text/plain\n\n" + SAY_TEA
MIXED = b"multipart/mixed; boundary=x"
HTML_PART = b"Content-Type: text/html\n\n<p>Tea at <b>six</b>? With some cake.</p>"
HTML_TEXT = "Tea at six? With some cake."
PDF_PART = (
    b"Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n"
    b"Content-Disposition: attachment; filename=a.pdf\n\n" + b"JVBERi0x\n" * 20
)


def nested(depth: int) -> bytes:
    """Each part holds the next, by a boundary of its own."""
    opened = b"".join(
        b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (n, n + 1)
        for n in range(depth)
    )
    return opened + b"--b%d\n" % depth + PLAIN_PART + b"\n"


def long_html(size: int) -> bytes:
    line = b"<p>Tea at <b>five</b> o'clock &amp; cake.</p>\n"
    return line * (size // len(line))


_CALENDAR = b"BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR\n"
_RUSSIAN = "Чай в пять часов? И пирог."
_JAPANESE = "五時にお茶はいかがですか。"
_CHINESE = "五点喝茶好吗。还有蛋糕。"

CASES: dict[str, OddMail] = {
    # Without what one expects
    "empty": OddMail(b"", "", "", ""),
    "only a line feed": OddMail(b"\n", "", "", ""),
    "no header": OddMail(b"\nTea at five?\n", "", "", None),
    "no body": OddMail(mail(body=b""), text=""),
    "header that never ends": OddMail(mail().partition(b"\n\n")[0], text=""),
    "no sender": OddMail(mail(sender=None), sender=""),
    "no subject": OddMail(mail(subject=None), subject=""),
    "empty fields": OddMail(mail(sender=b"", subject=b""), "", ""),
    "no date": OddMail(mail()),
    # Dates
    "bad date": OddMail(mail(b"Date: yesterday, at tea time")),
    "year 999999999": OddMail(mail(b"Date: Mon, 5 Jan 999999999 08:00:00 +0000")),
    "zone +99999": OddMail(mail(b"Date: Mon, 5 Jan 2026 08:00:00 +99999")),
    "date of 30,000 digits": OddMail(mail(b"Date: " + b"9" * 30_000)),
    # Senders
    "no name": from_(b"ada@example.org", ADA),
    "name in quotes": from_(b'"Lovelace, Ada" <ada@example.org>', ADA),
    "name in a comment": from_(b"ada@example.org (Ada Lovelace)", ADA),
    "name that is another's address": from_(
        b'"service@bank.example" <ada@example.org>', ADA
    ),
    "free name that is another's address": from_(
        b"service@bank.example <ada@example.org>", ADA
    ),
    "comment that is another's address": from_(
        b"ada@example.org (Bank <service@bank.example>)", ADA
    ),
    "encoded name that is another's address": from_(
        b"=?utf-8?q?=3Cservice=40bank=2Eexample=3E?= <ada@example.org>", ADA
    ),
    "quoted name with an address in brackets": from_(
        b'"Bank <service@bank.example>" <ada@example.org>', ADA
    ),
    "two addresses in brackets": from_(
        b"<service@bank.example> <ada@example.org>", ADA
    ),
    "two From fields": OddMail(mail(b"From: Bank <service@bank.example>"), sender=ADA),
    "group": from_(b"Friends: Ada <ada@example.org>;", ADA),
    "empty group": from_(b"Undisclosed senders:;", ""),
    "route": from_(b"<@relay.example,@other.example:ada@example.org>", ADA),
    "quoted local part": from_(
        b'Ada <"ada lovelace"@example.org>', '"ada lovelace"@example.org'
    ),
    "quoted local part that is another's address": from_(
        b'"Bank <service@bank.example>"@example.org',
        '"bank <service@bank.example>"@example.org',
    ),
    "address of the network": from_(b"ada@[192.0.2.1]", "ada@[192.0.2.1]"),
    "spaces around the at": from_(b"Ada <ada @ example . org>", ADA),
    "comments inside the address": from_(
        b"Ada (she \\) herself) <ada(her account)@example.org(her host)>", ADA
    ),
    "two ats": from_(b"<ada@example.org@bank.example>", ""),
    "no bracket at the end": from_(b"Ada <ada@example.org", ADA),
    "comment bomb": from_(b"(" * 10_000 + b"x" + b")" * 10_000, ""),
    "unclosed comments": from_(b"(" * 5_000 + b" ada@example.org", ADA),
    "unclosed quote": from_(b'"Ada <ada@example.org>', ADA),
    "quotes without end": from_(b'"' * 30_001, ""),
    "escapes without end": from_(b'"' + b"\\" * 30_000, ""),
    "brackets without end": from_(b"<" * 30_000, ""),
    "at signs without end": from_(b"a@" * 15_000, ""),
    "20,000 dots": from_(b"ada@" + b"." * 20_000, ""),
    "20,000 dots in the local part": from_(b"." * 20_000 + b"@example.org", ""),
    "name of 5,000 letters": from_(b"A" * 5_000 + b" <ada@example.org>", ADA),
    "local part of 300 letters": from_(
        b"a" * 300 + b"@example.org", "a" * 300 + "@example.org"
    ),
    "local part of 400 letters": from_(b"a" * 400 + b"@example.org", ""),
    "encoded line feed in the name": from_(
        b"=?utf-8?q?Ada=0ABcc=3A_x=40example=2Enet?= <ada@example.org>", ADA
    ),
    "direction marks in the address": from_(
        "Ada <ada@\u202eexample\u200b.org>".encode(), ADA
    ),
    "NUL in the address": from_(b"Ada <ad\0a@example.org>", ADA),
    "domain in punycode": from_(
        b"Ada <ada@xn--exmple-cua.org>", "ada@xn--exmple-cua.org"
    ),
    "RFC 6532": from_("Ädä <ädä@exämple.org>".encode(), "ädä@exämple.org"),
    "sender in Latin-1": OddMail(
        mail(
            b"Content-Type: text/plain; charset=iso-8859-1",
            sender="Ädä <ada@example.org>".encode("latin-1"),
            subject="Tee für fünf".encode("latin-1"),
        ),
        subject="Tee für fünf",
    ),
    "subject in KOI8-R": OddMail(
        mail(
            b"Content-Type: text/plain; charset=koi8-r",
            subject=_RUSSIAN.encode("koi8-r"),
            body=_RUSSIAN.encode("koi8-r"),
        ),
        subject=_RUSSIAN,
        text=_RUSSIAN,
    ),
    "subject in UTF-8, body in KOI8-R": OddMail(
        mail(
            b"Content-Type: text/plain; charset=koi8-r",
            subject=_RUSSIAN.encode(),
            body=_RUSSIAN.encode("koi8-r"),
        ),
        subject=_RUSSIAN,
        text=_RUSSIAN,
    ),
    "subject in ISO-2022-JP": OddMail(
        mail(
            b"Content-Type: text/plain; charset=iso-2022-jp",
            subject=_JAPANESE.encode("iso-2022-jp"),
            body=_JAPANESE.encode("iso-2022-jp"),
        ),
        subject=_JAPANESE,
        text=_JAPANESE,
    ),
    # Header fields
    "folded with tabs": OddMail(
        mail(subject=b"Tea\n\tat\n \t five", sender=b"Ada\n\t<ada@example.org>"),
        subject="Tea at five",
    ),
    "folded 20,000 times": about(b"Tea" + b"\n at" * 20_000, None),
    "line without a colon": OddMail(
        b"From: ada@example.org\nwhat\nSubject: Tea\n\nTea at five?"
    ),
    "space before the colon": OddMail(
        b"From : ada@example.org\nSubject\t: Tea\n\nTea at five?"
    ),
    "names in capitals": OddMail(b"FROM:ada@example.org\nSUBJECT:Tea\n\nTea at five?"),
    "field name that is not ASCII": OddMail(mail("Überschrift: x".encode())),
    "10,000 fields": OddMail(mail(*[b"To: x@example.net"] * 10_000)),
    "10,000 names": OddMail(mail(*[b"X%d: x" % n for n in range(10_000)])),
    "recipients without end": OddMail(mail(b"Cc: " + b"x@example.net, " * 10_000)),
    "NUL in the subject": about(b"T\0ea", "Tea"),
    "mbox line": OddMail(b"From ada Mon Jan  5 08:00:00 2026\n" + mail()),
    "blank lines before": OddMail(b"\n\n" + mail(), None, None, None),
    # Encoded words
    "encoded words": about(
        b"=?utf-8?B?VMOpZQ==?=\n =?UTF-8?q?_f=C3=BCr?= =?iso-8859-1?q?_f=FCnf?=",
        "Tée für fünf",
    ),
    "encoded word cut in a letter": about(b"=?utf-8?B?VMM=?= =?utf-8?B?qWU=?=", "Tée"),
    "encoded word with a language": about(b"=?utf-8*fr?q?T=C3=A9e?=", "Tée"),
    "encoded word with a question mark": about(b"=?utf-8?q?Tea??=", "Tea?"),
    "bad base64 word": about(b"=?utf-8?b?VG!Vh?=", "Tea"),
    "base64 word of one letter": about(b"=?utf-8?b?V?=", ""),
    "rot13 word": about(b"=?rot13?q?Grn?=", "Grn"),
    "word in no charset": about(b"=?\0?q?Tea?=", None),
    "word without an end": about(b"Tea =?utf-8?q?at", "Tea =?utf-8?q?at"),
    "bomb of encoded words, folded": about(b"=?utf-8?q?a?=\n " * 3_000, None),
    "bomb of encoded words, one line": about(b"=?utf-8?q?a?= " * 5_000, None),
    "bomb of half words": about(b"=?utf-8?q?" * 5_000, None),
    "bomb of empty words": about(b"=?a?q??=" * 5_000, None),
    "bomb of words in every field": OddMail(
        mail(*[name.encode() + b": " + b"=?a?q??==?b?q??=" * 60 for name in FIELDS[9:]])
    ),
    # Parameters
    "charset by RFC 2231": says(
        "Tée".encode("cp1250"), "Tée", b"text/plain; charset*=us-ascii'en'windows-1250"
    ),
    "charset in single quotes": says(
        "Tée".encode(), "Tée", b"text/plain; charset='utf-8'"
    ),
    "no semicolon": OddMail(
        mail(b"Content-Type: text/html charset=utf-8", body=b"<p>Tea at five?</p>")
    ),
    "5,000 parameters": says(SAY_TEA, TEA, b"text/plain" + b"; a=b" * 5_000),
    "5,000 numbered parameters": says(
        SAY_TEA, TEA, b"text/plain" + b"".join(b"; a*%d*=x" % n for n in range(5_000))
    ),
    "semicolons in quotes": says(SAY_TEA, TEA, b'text/plain; a="' + b";" * 20_000),
    "parameters of a part": says(
        parts(b'Content-Type: text/plain; a="' + b";" * 5_000 + b"\n\n" + SAY_TEA),
        TEA,
        MIXED,
    ),
    "content type without a slash": says(SAY_TEA, TEA, b"text"),
    "content type of nothing": says(SAY_TEA, TEA, b";;;"),
    # Charsets
    "unknown charset": says(SAY_TEA, TEA, b"text/plain; charset=x-klingon"),
    "charset that is no text": says(SAY_TEA, TEA, b"text/plain; charset=zlib"),
    "charset rot13": says(SAY_TEA, TEA, b"text/plain; charset=rot13"),
    "charset undefined": says(SAY_TEA, TEA, b"text/plain; charset=undefined"),
    "NUL in the charset": says(SAY_TEA, TEA, b"text/plain; charset=utf\0-8"),
    "charset of 10,000 letters": says(
        SAY_TEA, TEA, b"text/plain; charset=" + b"x" * 10_000
    ),
    "Latin-1 that says UTF-8": says(
        "Tee für fünf".encode("latin-1"), "Tee für fünf", b"text/plain; charset=utf-8"
    ),
    "8 bits that say ASCII": says(
        "Tée".encode(), "Tée", b"text/plain; charset=us-ascii"
    ),
    "GB 2312": says(_CHINESE.encode("gb2312"), _CHINESE, b"text/plain; charset=gb2312"),
    "UTF-7": says(_RUSSIAN.encode("utf-7"), _RUSSIAN, b"text/plain; charset=utf-7"),
    "half characters in UTF-7": says(
        b"Tea +2AA- at five?", "Tea  at five?", b"text/plain; charset=utf-7"
    ),
    "UTF-16": says(
        base64.encodebytes(_RUSSIAN.encode("utf-16")),
        _RUSSIAN,
        b"text/plain; charset=utf-16",
        b"base64",
    ),
    "UTF-16 without a mark": says(
        base64.encodebytes(_RUSSIAN.encode("utf-16-be")),
        _RUSSIAN,
        b"text/plain; charset=utf-16be",
        b"base64",
    ),
    "UTF-16 that says nothing": says(
        base64.encodebytes(_RUSSIAN.encode("utf-16")),
        _RUSSIAN,
        b"text/plain",
        b"base64",
    ),
    "UTF-8 with a mark": says(
        "\ufeffTée".encode(), "Tée", b"text/plain; charset=iso-8859-1"
    ),
    "charset by the HTML alone": OddMail(
        mail(
            b"Content-Type: text/html",
            body=b'<html><head><meta charset="koi8-r"></head><p>'
            + _RUSSIAN.encode("koi8-r"),
        ),
        text=_RUSSIAN,
    ),
    "charset by the HTML alone, the old way": OddMail(
        mail(
            b"Content-Type: text/html",
            body=b'<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">'
            + _RUSSIAN.encode("koi8-r"),
        ),
        text=_RUSSIAN,
    ),
    # Encodings
    "base64 cut": says(
        base64.b64encode(SAY_TEA * 3)[:21], (TEA * 3)[:15], encoding=b"base64"
    ),
    "base64 in two pieces": says(b"VGVhIA==\nYXQgZml2ZT8=", TEA, encoding=b"base64"),
    "base64 that is none": says(b"!!! ??? ...", "", encoding=b"base64"),
    "padding without end": says(b"=" * 8_000, "", encoding=b"base64"),
    "letters and paddings": says(b"VA==" * 2_000, None, encoding=b"base64"),
    "quoted-printable cut after the =": says(
        b"Tea at five?=", TEA, encoding=b"quoted-printable"
    ),
    "quoted-printable cut in the escape": says(
        b"Tea at five?=4", None, encoding=b"quoted-printable"
    ),
    "quoted-printable with no escape": says(
        b"Tea =XX at five?", "Tea =XX at five?", encoding=b"quoted-printable"
    ),
    "equals signs without end": says(b"=" * 8_000, None, encoding=b"quoted-printable"),
    "uuencoded": says(
        b"begin 644 tea.txt\n,5&5A(&%T(&9I=F4_\n`\nend\n", TEA, encoding=b"x-uuencode"
    ),
    "uuencoded, cut": says(
        b"begin 644 tea.txt\n,5&5A(&%T", None, encoding=b"x-uuencode"
    ),
    "unknown encoding": says(SAY_TEA, TEA, encoding=b"x-morse"),
    "NUL in the body": says(b"Tea\0 at five?", TEA),
    "format=flowed": says(
        b"Tea \nat \nfive?\n-- \nAda",
        "Tea at five?\n--\nAda",
        b"text/plain; format=flowed",
    ),
    "line of 30,000 letters": says(b"tea " * 7_500, None),
    "5,000 spaces": says(b" " * 5_000 + b"x", "x"),
    "2,500 blank lines": says(b"\n" * 2_500 + b"x", "x"),
    # Parts
    "plain and HTML": says(
        parts(PLAIN_PART * 2, HTML_PART), None, b"multipart/alternative; boundary=x"
    ),
    "HTML first": says(
        parts(HTML_PART, b"\n" + SAY_TEA * 3),
        TEA * 3,
        b"multipart/alternative; boundary=x",
    ),
    "plain text that says nothing": says(
        parts(b"\nHTML!", HTML_PART), HTML_TEXT, b"multipart/alternative; boundary=x"
    ),
    "only an attachment": says(parts(PDF_PART), "", MIXED),
    "attachment first": says(parts(PDF_PART, PLAIN_PART), TEA, MIXED),
    "only a calendar": says(_CALENDAR, "", b"text/calendar; method=REQUEST"),
    "no boundary": says(parts(PLAIN_PART), TEA, b"multipart/mixed"),
    "wrong boundary": says(parts(PLAIN_PART), TEA, b"multipart/mixed; boundary=y"),
    "empty boundary": says(parts(PLAIN_PART), TEA, b'multipart/mixed; boundary=""'),
    "boundary by RFC 2231": says(
        parts(PLAIN_PART, boundary=b"ab"),
        TEA,
        b"multipart/mixed; boundary*0=a; boundary*1=b",
    ),
    "folded boundary": says(
        parts(PLAIN_PART, boundary=b"a b"), TEA, b'multipart/mixed; boundary="a\n b"'
    ),
    "boundary of brackets": says(
        parts(PLAIN_PART, boundary=b"(*+?"), TEA, b'multipart/mixed; boundary="(*+?"'
    ),
    "boundary that ends like the last": says(
        parts(PLAIN_PART, boundary=b"a--"), TEA, b"multipart/mixed; boundary=a--"
    ),
    "boundary that never comes": says(b"A preamble. " * 1_000, None, MIXED),
    "one boundary in both": says(
        parts(
            b"Content-Type: multipart/alternative; boundary=x\n\n" + parts(PLAIN_PART)
        ),
        TEA,
        MIXED,
    ),
    "boundaries that begin alike": says(
        parts(
            b"Content-Type: multipart/mixed; boundary=xy\n\n"
            + parts(PLAIN_PART, boundary=b"xy")
        ),
        TEA,
        MIXED,
    ),
    "no last boundary": says(parts(PLAIN_PART).removesuffix(b"--x--\n"), TEA, MIXED),
    "part without a blank line": says(
        b"--x\nContent-Type: text/plain\nTea at five?\n--x--", TEA, MIXED
    ),
    "part of fields alone": says(b"--x\nContent-Type: text/plain\n--x--", "", MIXED),
    "part without fields": says(parts(b"\n" + SAY_TEA), TEA, MIXED),
    "multipart that is base64": OddMail(
        mail(
            b"Content-Type: " + MIXED,
            b"Content-Transfer-Encoding: base64",
            body=parts(PLAIN_PART),
        )
    ),
    "20,000 parts": says(b"--x\n\n\n" * 20_000, "", MIXED),
    "20,000 likely boundaries": says(
        b"--y\nContent-A:\n" * 20_000, None, b"multipart/mixed; boundary=x"
    ),
    "digest": says(
        parts(b"\nSubject: inside\n\n" + SAY_TEA), TEA, b"multipart/digest; boundary=x"
    ),
    "digest of 2,000": says(b"--x\n\n\n" * 2_000, "", b"multipart/digest; boundary=x"),
    "nested 10 deep": says(nested(10), TEA, b"multipart/mixed; boundary=b0"),
    "nested 900 deep": says(nested(900), None, b"multipart/mixed; boundary=b0"),
    "nested 3,000 deep": says(nested(3_000), None, b"multipart/mixed; boundary=b0"),
    "nested by one boundary": says(
        b"--x\nContent-Type: multipart/mixed; boundary=x\n\n" * 900, None, MIXED
    ),
    "nested without boundaries": says(
        b"Content-Type: multipart/mixed\n\n" * 900, None, b"multipart/mixed"
    ),
    "message inside": says(b"Subject: inside\n\n" + SAY_TEA, TEA, b"message/rfc822"),
    "messages inside, 10": says(
        b"Content-Type: message/rfc822\n\n" * 10 + b"\n" + SAY_TEA,
        TEA,
        b"message/rfc822",
    ),
    "messages inside, 900": says(
        b"Content-Type: message/rfc822\n\n" * 900, None, b"message/rfc822"
    ),
    "delivery status of blank lines": says(
        b"\n\na: b" * 2_000, "", b"message/delivery-status"
    ),
    "delivery report": says(
        parts(
            PLAIN_PART,
            b"Content-Type: message/delivery-status\n\nStatus: 5.1.1\n",
            b"Content-Type: message/rfc822\n\nSubject: inside\n\nno",
        ),
        TEA,
        b"multipart/report; boundary=x",
    ),
    # HTML
    "5 MB of HTML": html(long_html(5_000_000), None),
    "HTML 1,000 deep": html(b"<div>" * 1_000 + SAY_TEA, TEA),
    "unclosed comment": html(b"Tea at five?<!-- more", TEA),
    "unclosed comments of HTML": html(SAY_TEA + b"<!--" * 2_000, TEA),
    "unclosed tag": html(b"Tea at five?<a href='x", TEA),
    "unclosed tags": html(SAY_TEA + b"<a" * 4_000, TEA),
    "unclosed attribute": html(b'<a href="x>Tea at five?</a>', TEA),
    "unclosed style": html(b"Tea at five?<style>p {", TEA),
    "unclosed head": html(b"<head><title>x</title>Tea at five?", TEA),
    "bracket in an attribute": html(b'<img alt="a > b">Tea at five?', TEA),
    "no tag": html(b"Tea at 5 < 6 < 7?", "Tea at 5 < 6 < 7?"),
    "entities": html(
        b"T&eacute;e &amp; &#65;&#x42; &unknown; &#0;&#xd800;&#9999999;", None
    ),
    "ampersands without end": html(b"&" * 8_000, None),
    "attributes without end": html(b"<a " + b"b='" * 2_600 + b">", None),
    "styles of 20,000 bytes": html(
        b"<style>" + b"p {color: red}\n" * 1_400 + b"</style><p>" + SAY_TEA * 2, None
    ),
    "metas without end": html(b"<meta " * 1_300, None, b""),
    # Line ends
    "CR CR LF": OddMail(mail().replace(b"\n", b"\r\r\n"), is_about_line_ends=True),
    "mixed line ends": OddMail(
        b"From: ada@example.org\rSubject: Tea\r\nX: y\n\r\nTea at five?",
        is_about_line_ends=True,
    ),
    "letters without a line end": OddMail(b"A" * 100_000, "", "", None),
    "zeros": OddMail(b"\0" * 10_000, "", "", None),
    "colons": OddMail(b":" * 100_000, "", "", None),
    "every byte": OddMail(bytes(range(256)) * 64, None, None, None),
}


def line_ends(odd: OddMail) -> Iterator[tuple[str, bytes]]:
    """Yield the message by each kind of line end."""
    if odd.is_about_line_ends:
        yield "as it is", odd.raw
        return
    yield from each_line_end(odd.raw)


def each_line_end(raw: bytes) -> Iterator[tuple[str, bytes]]:
    normal = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    for name, end in LINE_ENDS.items():
        yield name, normal.replace(b"\n", end)


def as_fetched(raw: bytes) -> tuple[bytes, bytes]:
    """What a server gives of a message: the named fields as they are, and 5.5 KiB.

    Written apart from the parser, as RFC 3501 has it: lines end with CRLF.
    """
    normal = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    normal = normal.replace(b"\n", b"\r\n")
    if normal.startswith(b"From ") and not normal.startswith(b"From :"):
        normal = normal.partition(b"\r\n")[2]
    head, _, body = normal.partition(b"\r\n\r\n")
    if normal.startswith(b"\r\n"):
        head, body = b"", normal[2:]
    names = tuple(name.lower().encode() for name in FIELDS)
    kept: list[bytes] = []
    is_named = False
    for line in head.split(b"\r\n"):
        if not line.startswith((b" ", b"\t")):
            is_named = line.partition(b":")[0].strip().lower() in names
        if is_named:
            kept.append(line + b"\r\n")
    return b"".join(kept) + b"\r\n", body[:MAX_BODY]


# Mutations

PIECES = (
    b"From: ", b"\nFrom: ", b"\nSubject: ", b"\nContent-Type: ", b"text/html; charset=",
    b"multipart/mixed; boundary=x", b"message/rfc822", b"--x", b"--x--", b"\r\n", b"\n",
    b"\r", b"\r\n\r\n", b"\n\n", b"=?utf-8?b?", b"=?utf-8?q?", b"?=", b"<", b">", b"@",
    b"a@b.c", b"\0", b"\xff", b" ", b"\t", b"\nContent-Transfer-Encoding: base64\n",
    b"quoted-printable", b"utf-7", b"utf-16", b"iso-2022-jp", b"+2AA-", b'"', b";",
    b"(", b"\\", b"name*0*=", b"<style>", b"<!--", b"&#", b"=", b"\x1b$B",
    b"\xe2\x80\xae",
)  # fmt: skip
MAX_MUTATED = 40_000  # bytes: more than is ever read of a message


def mutated(raw: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """Return the message with one to eight things done to it."""
    data = raw[:MAX_MUTATED]
    for _ in range(chance.randint(1, 8)):
        data = chance.choice(_MUTATIONS)(data, others, chance)
    return data[: 2 * MAX_MUTATED]


def _flip(data: bytes, _others: list[bytes], chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 20) if data else 0):
        changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _cut(data: bytes, _others: list[bytes], chance: random.Random) -> bytes:
    start, end = _range(data, chance)
    return chance.choice((data[:start], data[start:], data[:start] + data[end:]))


def _double(data: bytes, _others: list[bytes], chance: random.Random) -> bytes:
    start, end = _range(data, chance)
    times = min(chance.choice((2, 10, 1_000)), MAX_MUTATED // max(end - start, 1))
    return data[:start] + data[start:end] * times + data[end:]


def _splice(data: bytes, others: list[bytes], chance: random.Random) -> bytes:
    other = chance.choice(others)[:MAX_MUTATED]
    return data[: _range(data, chance)[0]] + other[_range(other, chance)[0] :]


def _insert(data: bytes, _others: list[bytes], chance: random.Random) -> bytes:
    at = _range(data, chance)[0]
    piece = chance.choice(PIECES) * chance.choice((1, 1, 1, 50, 3_000))
    return data[:at] + piece + data[at:]


def _shuffle(data: bytes, _others: list[bytes], chance: random.Random) -> bytes:
    head, blank, body = data.partition(b"\n\n")
    lines = head.split(b"\n")[:2_000]
    chance.shuffle(lines)
    return b"\n".join(lines) + blank + body


def _range(data: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(start + chance.choice((1, 10, 100, 1_000)), len(data))


_MUTATIONS = (_flip, _cut, _double, _splice, _insert, _insert, _shuffle)


def mutations(
    originals: Iterable[bytes], count: int, seed: int = 7, *, first: int = 0
) -> Iterator[tuple[int, bytes]]:
    """Yield numbered mutations; each number always gives the same message."""
    others = list(originals)
    for number in range(first, count):
        chance = random.Random(f"{seed}-{number}")
        yield number, mutated(chance.choice(others), others, chance)
