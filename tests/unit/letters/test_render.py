"""Letters: templates that escape."""

import pytest

from mailbeat.letters.render import coded, plain, render


def test_what_is_put_in_is_text():
    html = render(
        "alert.html", {"title": "<b>&", "groups": [], "url": "https://x.org/?a=1&b=2"}
    )

    assert "&lt;b&gt;&amp;" in html
    assert "<b>&" not in html


def test_a_letter_brings_nothing_from_elsewhere():
    html = render("alert.html", {"title": "A", "groups": [], "url": None})

    for word in ("<img", "<script", "<link", "@import", "url(", "http"):
        assert word not in html
    assert "prefers-color-scheme: dark" in html


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\r\nb\tc", "a b c"),
        ("\u202eevil\u2066x", "evilx"),
        ("x" * 300, "x" * 199 + "…"),
        ("שלום", "שלום"),
    ],
)
def test_text_of_strangers_is_on_one_line(text, line):
    assert plain(text) == line


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Run `a <b>`.", "Run <code>a &lt;b&gt;</code>."),
        ("One ` alone <b>", "One ` alone &lt;b&gt;"),
    ],
)
def test_what_stands_between_backticks_is_code(text, html):
    assert coded(text).replace(' style="font-size:13px;"', "") == html
