import re

import pytest

from mailbeat.demo.samples.templates import KINDS, LANGUAGES, language

RESERVED = re.compile(r"(example\.(org|com|net)|\.example|\.test)$")


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_address_and_link_leads_to_a_reserved_domain(code):
    for template in language(code).templates:
        text = f"{template.sender}\n{template.text}"
        hosts = re.findall(r"@([\w.-]+\.\w+)>|https?://([\w.-]+)", text)
        for host in map("".join, hosts):
            assert RESERVED.search(host.strip(".")), (template.subject, host)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_template_can_be_written_in_its_charset(code):
    for template in language(code).templates:
        template.text.encode(template.charset)
        template.subject.encode(template.charset)


def test_english_has_every_kind():
    assert {template.kind for template in language("en").templates} == KINDS


def test_the_templates_are_as_varied_as_real_mail():
    every = [t for code in LANGUAGES for t in language(code).templates]

    assert len(every) >= 120
    assert {t.html for t in every} == {"no", "also", "only"}
    assert {t.encoding for t in every} >= {"quoted-printable", "base64", "8bit"}
    assert {t.charset for t in every} >= {
        "utf-8",
        "iso-8859-1",
        "windows-1252",
        "iso-2022-jp",
        "koi8-r",
    }
