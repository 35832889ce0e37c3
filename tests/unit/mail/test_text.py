"""Decoding what anybody may have sent."""

import codecs
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbeat.mail.text import (
    clean,
    decode,
    decode_base64,
    decode_header,
    decode_quoted,
    html_to_text,
    one_line,
    tidy,
)


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
        (b"!!", b""),
        (b"", b""),
    ],
)
def test_base64_is_read_as_far_as_it_goes(data, expected):
    assert decode_base64(data) == expected


@given(st.binary(max_size=200))
def test_base64_and_quoted_printable_never_raise(data):
    decode_base64(data)
    decode_quoted(data)


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


@pytest.mark.parametrize(
    "piece",
    ["<", "<!--", "<style", "<style>", "</", "<a ", "&", "&#", ">", "<p>", "<!"],
)
def test_html_is_read_in_linear_time(piece):
    """Quadratic would be minutes; the bound is for a busy machine."""
    source = piece * (1_000_000 // len(piece))
    start = time.perf_counter()

    tidy(html_to_text(source))

    assert time.perf_counter() - start < 5
