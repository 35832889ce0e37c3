"""The language of a message."""

import pytest

from mailbeat.labeling.languages import languages_of
from mailbeat.labeling.words import CODES, Words, find_words, words_of


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("We have sent your order and it will be with you by Friday.", "en"),
        ("Wir haben Ihre Bestellung erhalten und sie ist auf dem Weg.", "de"),
        ("Nous avons bien reçu votre commande, merci pour votre achat.", "fr"),
        ("Hemos recibido tu pedido y está en camino, gracias por la compra.", "es"),
        ("Abbiamo ricevuto il tuo ordine e la spedizione è in arrivo.", "it"),
        ("We hebben je bestelling ontvangen en het pakket is onderweg.", "nl"),
        ("Twoje zamówienie zostało przyjęte i jest już w drodze do Ciebie.", "pl"),
        ("Recebemos o seu pedido e a encomenda está a caminho.", "pt"),
    ],
)
def test_a_sentence_tells_its_language(text, code):
    found = languages_of(words_of(text))

    assert code in found
    assert len(found) < len(CODES) / 2


@pytest.mark.parametrize("text", ["", "4711", "Invoice", "Привет, как дела"])
def test_too_little_tells_nothing(text):
    assert languages_of(words_of(text)) == frozenset()


def test_english_words_are_found_in_every_language():
    found = languages_of(words_of("Ihr neuer Login ist da und wartet auf Sie"))

    assert found == {"de", "en"}


def test_words_of_other_languages_are_not_found():
    """`place` is a seat on a French ticket."""
    place = Words("quiet place")

    assert [one.quote for one in find_words(place, frozenset({"en"}))] == []
    assert [one.quote for one in find_words(place, frozenset({"fr", "en"}))] == [
        "place"
    ]
    assert [one.quote for one in find_words(place)] == ["place"]
