import pytest

from mailbeat.mail.address import normal_address


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada@Example.ORG", "ada@example.org"),
        (" ada@example.org\n", "ada@example.org"),
        ("Ä@x.de", "ä@x.de"),
        ("A\u0308@x.de", "ä@x.de"),
        ("ada@BÜCHER.de", "ada@bu\u0308cher.de"),
        ("ada@bücher.de", "ada@XN--bcher-kva.de"),
        ("ΟΔΟΣ@x.gr", "οδος@x.gr"),
        ("ИВАН@почта.рф", "иван@ПОЧТА.рф"),
        ("STRAẞE@x.de", "straße@x.de"),
        ("\u212a@x.org", "k@x.org"),
    ],
)
def test_two_spellings_of_an_address_have_one_form(one, other):
    assert normal_address(one) == normal_address(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@straße.de", "ada@strasse.de"),
        ("a.da@example.org", "ada@example.org"),
        ("ada+lists@example.org", "ada@example.org"),
        ("ä@x.de", "a@x.de"),
        ("xn--bcher-kva@x.de", "bücher@x.de"),
        ("ada@xn--strae-oqa.de", "ada@strasse.de"),
    ],
)
def test_two_mailboxes_have_two_forms(one, other):
    assert normal_address(one) != normal_address(other)


@pytest.mark.parametrize("label", ["xn--", "xn--a", "xn--a-ecp", "xn--\ud800", "xn--é"])
def test_what_is_no_name_in_the_letters_of_dns_stays(label):
    assert normal_address(f"ada@{label}.de") == f"ada@{label}.de"


def test_a_normal_form_is_its_own():
    """What is stored in it is found by it."""
    letters = [chr(n) for n in range(0x110000)]
    changing = [one for one in letters if normal_address(one) != one.strip()]
    once = [normal_address(f"a{letter}b\u0301") for letter in changing]

    assert len(once) > 1000
    assert [normal_address(one) for one in once] == once
