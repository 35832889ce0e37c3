"""Every text has its German, and every text that is shown can have one."""

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from jinja2 import nodes

import webapp
from mailbeat import language

WEBAPP = Path(webapp.__file__).parent
CORE = language.FOLDER.parent
CATALOGUES = {
    "messages": ("pages.cfg", (CORE, WEBAPP)),
    "browser": ("scripts.cfg", (WEBAPP,)),
}
MEND = "Run `make messages`, and write the German where it is missing."
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\d+\}|`[^`]*`|<[^>]*>")


@cache
def extracted(name: str) -> Catalog:
    """What there is to translate, as the code says it now."""
    mapping, folders = CATALOGUES[name]
    with (language.FOLDER / mapping).open() as file:
        methods, options = parse_mapping_cfg(file)
    found = Catalog()
    # As the Makefile has it.
    keywords = DEFAULT_KEYWORDS | ({"mark": None} if name == "browser" else {})
    for folder in folders:
        texts = extract_from_dir(folder, methods, options, keywords)
        for _, _, message, _, context in texts:
            found.add(message, context=context)
    return found


def ids(catalogue):
    return {(message.id, message.context) for message in catalogue if message.id}


def translated(name):
    return [one for one in language.catalogue(name, "de") if one.id]


def strings(text):
    return (text,) if isinstance(text, str) else text


@pytest.mark.parametrize("name", CATALOGUES)
def test_the_catalogue_has_exactly_the_texts_of_the_code(name):
    there, wanted = ids(language.catalogue(name, "de")), ids(extracted(name))

    assert wanted - there == set(), MEND
    assert there - wanted == set(), MEND


@pytest.mark.parametrize("name", CATALOGUES)
def test_every_text_has_its_german(name):
    missing = [
        one.id for one in translated(name) if one.fuzzy or not all(strings(one.string))
    ]

    assert missing == [], MEND


@pytest.mark.parametrize("name", CATALOGUES)
def test_a_translation_has_the_same_values_as_its_text(name):
    """What stands between backticks is code, and no language changes it.

    The singular may say a number in a word.
    """
    for one in translated(name):
        wanted = set().union(*map(PLACEHOLDER.findall, strings(one.id)))
        *singular, last = strings(one.string)
        assert set(PLACEHOLDER.findall(last)) == wanted, one.id
        for said in singular:
            assert set(PLACEHOLDER.findall(said)) <= wanted, one.id


@pytest.mark.parametrize("name", CATALOGUES)
def test_a_translation_begins_and_ends_like_its_text(name):
    """Texts are joined: a space at an end, a colon or a full stop is part of them."""
    for one in translated(name):
        for text, said in zip(strings(one.id), strings(one.string), strict=True):
            strict = " " in text.strip() and " " in said.strip()
            assert edges(text, strict) == edges(said, strict), text


def edges(text, strict):
    """What a text begins and ends with; one word may be an abbreviation."""
    begin, end = re.fullmatch(r"(\s*).*?([\s.:?…]*)", text, re.DOTALL).groups()
    end = end.replace(" …", "…")  # as German sets it
    return begin, end if strict else end.strip(".")


@pytest.mark.parametrize("name", CATALOGUES)
def test_the_catalogue_is_sorted_so_that_changes_seldom_meet(name):
    order = [strings(one.id)[0] for one in translated(name)]

    assert order == sorted(order), "Run `make messages`."


# Texts in templates


# Not converted yet. A page that is new never comes in here.
ENGLISH_ONLY = {
    "api_docs.html",  # for good: it describes what speaks English
}
# The same in every language.
EXAMPLE = "rules:\n"  # of a file
NAMES = {
    "Mailbeat",
    "Celery",
    "Grafana",
    "Europe/Berlin",
    "Redis",
    "IMAP",
    "SQL",
    "YAML",
    "OpenAPI",
    "API",
}
SEEN = {"title", "aria-label", "placeholder", "alt", "label", "data-busy"}
A_VALUE = "\N{OBJECT REPLACEMENT CHARACTER}"
TEXTS = {"_", "gettext", "ngettext", "pgettext"}
# Calls and filters whose strings nobody sees.
UNSEEN = {"url_for", "asset", "icon", "format"}


class Words(HTMLParser):
    """What of a page is read by people."""

    def __init__(self):
        super().__init__()
        self.found = []
        self.inside = []

    def handle_starttag(self, tag, attrs):
        self.inside.append(tag)
        self.found += [value for name, value in attrs if name in SEEN and value]

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data):
        if not {"script", "style", "code", "kbd"} & set(self.inside):
            self.found.append(data)


def is_text(text):
    words = re.findall(r"[^\W\d_]{2,}", text)
    return any(word not in NAMES for word in words)


def markup_of(template):
    """The markup of a template, with a sign for each value."""
    return "".join(
        node.data if isinstance(node, nodes.TemplateData) else A_VALUE
        for output in template.find_all(nodes.Output)
        for node in output.nodes
    )


def constants_of(template):
    """Strings of expressions that are no argument of a call that translates."""
    hidden = set()
    for call in template.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in TEXTS | UNSEEN:
            hidden.update(map(id, call.find_all(nodes.Const)))
    for node in (nodes.Getitem, nodes.Compare, nodes.Test, nodes.Dict):
        for one in template.find_all(node):
            hidden.update(map(id, one.find_all(nodes.Const)))
    for one in template.find_all(nodes.Const):
        if isinstance(one.value, str) and id(one) not in hidden:
            yield one.value


def looks_like_words(text):
    """A string of code is one word in lower case; a text begins high or has a space."""
    return bool(re.match(r"[A-Z][a-z]", text) or re.search(r"\w[\w,;.]* \w", text))


def untranslated(app, name):
    source, _, _ = app.jinja_env.loader.get_source(app.jinja_env, name)
    template = app.jinja_env.parse(source)
    words = Words()
    words.feed(markup_of(template))
    found = [one for one in words.found if is_text(one.replace(A_VALUE, " "))]
    found += [one for one in constants_of(template) if looks_like_words(one)]
    return [
        one.strip()
        for one in found
        if one.strip() not in NAMES and not one.startswith(EXAMPLE)
    ]


def test_every_text_of_a_template_can_be_translated(app):
    names = {path.name for path in (WEBAPP / "templates").glob("*.html")}
    found = {name: untranslated(app, name) for name in sorted(names)}

    left = {name: texts for name, texts in found.items() if texts}
    assert {n: t for n, t in left.items() if n not in ENGLISH_ONLY} == {}
    assert ENGLISH_ONLY - left.keys() == set(), "converted: take it off the list"
