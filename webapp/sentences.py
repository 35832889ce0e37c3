"""Sentences of the core in the language of the page; the core has them."""

from mailbeat import sentences
from webapp.language import tongue


def said(text: str | None) -> str:
    """The sentence in the language of the page, or as it is."""
    return sentences.said(text, tongue())
