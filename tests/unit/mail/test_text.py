"""Decoding what anybody may have sent."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbeat.mail.text import (
    clean,
    decode,
    decode_base64,
    decode_header,
    decode_quoted,
    decode_raw,
    decode_uu,
    html_to_text,
    join_flowed,
    meta_charset,
    one_line,
    tidy,
)
from tests.linear import growth


@pytest.mark.parametrize(
    ("data", "charset", "expected"),
    [
        ("Grüße".encode(), "utf-8", "Grüße"),
        ("Grüße".encode("latin-1"), "iso-8859-1", "Grüße"),
        ("Grüße".encode("latin-1"), "", "Grüße"),
        ("Grüße".encode("latin-1"), "us-ascii", "Grüße"),
        ("Grüße".encode(), "us-ascii", "Grüße"),
        ("„Grüße“".encode("cp1252"), "ISO-8859-1", "„Grüße“"),
        ("привет".encode("koi8-r"), "KOI8-R", "привет"),
        ("こんにちは".encode("iso-2022-jp"), "iso-2022-jp", "こんにちは"),
        ("你好".encode("gb18030"), "gb2312", "你好"),
        ("Grüße".encode(), "x-unknown", "Grüße"),
        ("Grüße".encode(), "utf-8\0", "Grüße"),
        (b"R3LDvMOfZQ==", "base64", "R3LDvMOfZQ=="),
        (b"uryyb", "rot13", "uryyb"),
        (b"a\\u0041", "unicode_escape", "a\\u0041"),
        (b"xn--bcher-kva", "idna", "xn--bcher-kva"),
        ("Grü".encode()[:-1], "", "Gr�"),
        ("Grüße".encode("latin-1"), "utf-8", "Grüße"),
        ("Grüße".encode() + b"\xff", "utf-8", "Grüße\ufffd"),
        ("\ufeffGrüße".encode(), "iso-8859-1", "Grüße"),
        ("Grüße".encode("utf-16"), "", "Grüße"),
        ("Grüße".encode("utf-16-be"), "utf-16", "Grüße"),
        ("Grüße".encode("utf-32"), "x-unknown", "Grüße"),
        ("привет".encode("cp1251"), "x-cp1251", "привет"),
        ("你好".encode("gb2312"), "x-gbk", "你好"),
    ],
)
def test_text_is_decoded_or_guessed(data, charset, expected):
    assert decode(data, charset) == expected


def test_a_mail_cannot_fill_the_list_of_known_codecs(monkeypatch):
    """`codecs.lookup` keeps every name that it was ever asked for."""
    asked = []
    monkeypatch.setattr(codecs, "lookup", asked.append)

    decode(b"x", "a-name-that-nobody-has")

    assert asked == []


@pytest.mark.parametrize(
    ("data", "charset", "expected"),
    [
        (b"plain", "utf-16", "plain"),
        ("Grüße".encode(), "koi8-r", "Grüße"),
        ("привет".encode("koi8-r"), "koi8-r", "привет"),
        ("Grüße".encode("latin-1"), "", "Grüße"),
        ("Grüße".encode("latin-1"), "utf-16", "Grüße"),
        ("Grüße".encode("latin-1"), "iso-2022-jp", "Grüße"),
        ("こんにちは".encode("iso-2022-jp"), "iso-2022-jp", "こんにちは"),
        (b"\x1b[1m", "utf-8", "\x1b[1m"),
        ("Grü".encode()[:-1], "koi8-r", "Gr\ufffd"),
    ],
)
def test_a_raw_header_is_utf_8_or_like_the_body(data, charset, expected):
    assert decode_raw(data, charset) == expected


@given(st.binary(max_size=200), st.text(max_size=20))
def test_decoding_never_raises(data, charset):
    assert isinstance(decode(data, charset), str)


@pytest.mark.parametrize(
    "charset", ["utf-7", "utf-16", "utf-32", "hz", "iso2022_kr", "big5", "utf_8_sig"]
)
@given(data=st.binary(max_size=100))
def test_no_codec_raises(charset, data):
    assert isinstance(decode(data, charset), str)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"Hello", "Hello"),
        (b"=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        (b"=?UTF-8?B?R3LDvMOfZQ==?= und mehr", "Grüße und mehr"),
        (b"=?utf-8?b?R3LD?=\n =?utf-8?b?vMOfZQ==?=", "Grüße"),
        (b"=?utf-8?q?a?= =?iso-8859-1?q?=FC?=", "aü"),
        (b"=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        (b"a =?utf-8?q?b_c?=", "a b c"),
        (b"=?utf-8*de?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        (b"=?utf-8?b?R3LDvMOfZQ?=", "Grüße"),
        (b"=?utf-8?b?!!!?=", ""),
        (b"=?rot13?q?uryyb?=", "uryyb"),
        (b"=?nothing?x?y?=", "=?nothing?x?y?="),
        ("Grüße".encode(), "Grüße"),
        ("Grüße".encode("latin-1"), "Grüße"),
        (b"one\r\n two\tthree", "one two three"),
        (b"=?utf-8?q?one=0Atwo?=", "one two"),
        (b"=?utf-8?q?Really??=", "Really?"),
        (b"=?utf-8?q?=41?=", "A"),
        (b"=?utf-8?q?a?==?utf-8?q?b?=", "ab"),
        (b"=?iso-8859-1?q?Gr\xfc\xdfe?=", "Grüße"),
        (b"=?utf-8?q?no end", "=?utf-8?q?no end"),
        (b"a =?utf-8?q?b?= =?utf-8?q?no end", "a b =?utf-8?q?no end"),
    ],
)
def test_a_header_is_decoded_on_one_line(value, expected):
    assert decode_header(value) == expected


@given(st.binary(max_size=300))
def test_a_header_never_raises_and_never_has_a_second_line(value):
    assert "\n" not in decode_header(value)
    assert "\0" not in decode_header(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\0b\x1b[31m", "ab[31m"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\u200bb\ufeff", "ab"),
        ("half \ud800 character", "half  character"),
    ],
)
def test_what_is_not_meant_to_be_seen_is_taken_out(text, expected):
    assert clean(text) == expected


def test_a_line_is_one_line():
    assert one_line("  a\r\n\t b\u2028c ") == "a b c"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"SGVsbG8=", b"Hello"),
        (b"SGVs\r\nbG8=", b"Hello"),
        (b"SGVsbG8", b"Hello"),
        (b"SGVsbG8 !V", b"Hello\x15"),
        (b"S", b""),
        (b"SGVs\nbG8=\nSGVsbG8=", b"HelloHello"),
        (b"====", b""),
        (b"!!", b""),
        (b"", b""),
    ],
)
def test_base64_is_read_as_far_as_it_goes(data, expected):
    assert decode_base64(data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"begin 644 a\n%2&5L;&\\\n`\nend\nmore", b"Hello"),
        (b"a line\nbegin 644 a\n%2&5L;&\\", b"Hello"),
        (b"no beginning", b"no beginning"),
    ],
)
def test_uuencoded_lines_are_read_as_far_as_they_go(data, expected):
    assert decode_uu(data) == expected


@given(st.binary(max_size=200))
def test_no_encoding_raises(data):
    decode_base64(data)
    decode_quoted(data)
    decode_uu(b"begin 644 a\n" + data)


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        (b'<meta charset="koi8-r">', "koi8-r"),
        (b"<META http-equiv=a content='text/html; charset=koi8-r'>", "koi8-r"),
        (b"<p>charset=koi8-r", ""),
        (b"<meta charset=utf-16>", ""),  # then this could not be read
        (b"x" * 5_000 + b"<meta charset=koi8-r>", ""),
        (b"", ""),
    ],
)
def test_html_may_name_its_charset(data, charset):
    assert meta_charset(data) == charset


def test_flowed_lines_become_one_but_for_a_signature():
    assert join_flowed("Tea \nat\n-- \nAda") == "Tea at\n--\nAda"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>Hello <b>you</b></p>", "Hello you"),
        ("a<br>b<BR/>c", "a\nb\nc"),
        ("<style>p {color: red}</style>text", "text"),
        ("<SCRIPT>if (a<b) {}</SCRIPT>text", "text"),
        ("<head><title>t</title></head>text", "text"),
        ("a <!-- <b>hidden</b> --> b", "a  b"),
        ("a &lt; b &amp; c&nbsp;d &euro;", "a < b & c\xa0d €"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("cut <a href='http", "cut"),
        ("cut <style>p {", "cut"),
        ("cut <!-- more", "cut"),
        ("<!DOCTYPE html><?xml?>x", "x"),
        ("İ<style>x</style>y", "İy"),
        ("1 < 2 but no more", "1 < 2 but no more"),
        ("<head><style>x</style>no end of it", "no end of it"),
        ('<img alt="a > b">text', "text"),
        ("<img alt='a > b' title='>'>text", "text"),
        ('<a href="no end>text</a>', "text"),
        ("<b don't>text</b>", "text"),
        ("<!-->text", "text"),
        ("text<!-- --", "text"),
        ("text<", "text"),
        ("</ no tag>text", "text"),
        ("<p style='display:none'>hidden</p>text", "hidden\ntext"),
        ("&#99999999999; &#x110000; &#0;", None),
        ("&#" + "9" * 8000 + ";", None),
    ],
)
def test_html_becomes_the_text_that_one_sees(source, expected):
    text = tidy(html_to_text(source))

    assert expected is None or text == expected


@given(st.text(alphabet="<>/!-&;#ab stylecrp\"'\n", max_size=200))
def test_html_never_raises(source):
    html_to_text(source)


PIECES = [
    "<", "<!--", "<style", "<style>", "<style></style>", "</", "<a ", "&", "&#", "&amp",
    ">", "<p>", "<!", "<?", '<a b="', "<a b='>", '<a b="> ', "<a ='>\"", "= ", " ",
    "\n", "\t\n", "\r", "\xa0", "a ", "\u200b", "\0", "=?", "=?a?q?", "=?a?b?x?= ",
    "?=", "<meta ", "charset=",
]  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize(
    "work",
    [
        lambda text: tidy(html_to_text(text)),
        one_line,
        lambda text: decode_header(text.encode()),
        lambda text: meta_charset(text.encode()),
    ],
    ids=["html", "one line", "header", "meta"],
)
def test_text_is_read_in_linear_time(work, piece):
    def read(size):
        work(piece * (size // len(piece)))

    assert growth(read, 8 * 1024, 64 * 1024) < 24


@pytest.mark.parametrize("piece", [b"=", b"A=", b"A", b"!", b"=4", b"=\n", b"M\n"])
@pytest.mark.parametrize("work", [decode_base64, decode_quoted, decode_uu])
def test_data_is_decoded_in_linear_time(work, piece):
    def read(size):
        work(b"begin \n" + piece * (size // len(piece)))

    assert growth(read, 8 * 1024, 64 * 1024) < 24


@pytest.mark.parametrize("charset", ["utf-7", "utf-8", "gb2312", "iso-2022-jp", "hz"])
@pytest.mark.parametrize("piece", [b"\xff", b"+", b"\x1b$B", b"~{", b"+2AA-", b"\x80a"])
def test_charsets_are_read_in_linear_time(charset, piece):
    def read(size):
        decode(piece * (size // len(piece)), charset)

    assert growth(read, 8 * 1024, 64 * 1024) < 24
