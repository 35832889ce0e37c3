"""Who reads German finds no English, whatever there is to tell.

Words are held against the catalogues: what stands in an English text and in no German
one is a leftover, unless it is a name.
"""

import re
from datetime import timedelta
from html.parser import HTMLParser
from itertools import count

import pytest

from mailbeat.alerts.words import note_of
from mailbeat.db import alerts, audit, digests, outbox
from mailbeat.db.accounts import pause_account, tick
from mailbeat.db.alerts import Telling
from mailbeat.db.api_keys import Scope, issue_key
from mailbeat.db.digests import Frequency, NewDigest
from mailbeat.db.processes import Kind, Who, say
from mailbeat.db.rules import NewRule, add_rule
from mailbeat.db.session import transaction
from mailbeat.labeling.category import STARTING_CATEGORIES
from mailbeat.labeling.condition_form import read_condition
from mailbeat.labeling.presets import PRESETS
from mailbeat.language import IN_ENGLISH, catalogue
from mailbeat.mail.errors import (
    AuthFailed,
    ErrorCode,
    LabelRefused,
    MailboxMissing,
    ServerBusy,
    Throttled,
)
from mailbeat.mail.parse import FIELDS
from mailbeat.mail.refusal import refused
from webapp.dashboard.audit_words import ACTIONS

WORD = re.compile(r"[^\W\d_]{2,}(?:'[a-z]+)?")
SEEN = {"title", "aria-label", "placeholder", "alt", "label", "data-busy"}
SILENT = {"script", "style", "code", "kbd", "template", "textarea"}
# Codes, zones, header fields, and an example of a file of rules.
NO_WORDS = re.compile(
    r"[a-z]+[._][a-z._-]+|[A-Za-z_]+(/[\w+-]+)+|rules:\n.*", re.DOTALL
)
VOID = {"meta", "link", "br", "wbr", "img", "input", "hr", "use", "path", "circle"}
# The same in both languages, and what programs are called by.
NAMES = {
    "account", "all", "any", "api", "auth", "beat", "bootstrap", "celery", "cli",
    "command", "content", "csv", "days", "destination", "domain", "email", "english",
    "error", "export", "failed", "gmail", "google", "host", "id", "if", "imap", "key",
    "live", "mail", "mailbeat", "message", "model", "no", "none", "not", "or",
    "run", "rules", "server", "set", "task", "tasks", "test", "up", "url",
    "worker", "yaml", "yes",
}  # fmt: skip
ERRORS = [
    (ErrorCode.AUTH_FAILED, AuthFailed),
    (ErrorCode.SERVER_BUSY, ServerBusy),
    (ErrorCode.THROTTLED, Throttled),
    (ErrorCode.MAILBOX_MISSING, MailboxMissing),
    (ErrorCode.LABEL_REFUSED, LabelRefused),
]
EVIDENCE = [
    'The subject says "Rechnung", sender billing@, a code in it',
    "Looks like Receipts, but it presses for an answer: sender noreply@",
    "Learned from 12 of your corrections: Rechnung, Lieferung",
    "You filed 3 of 4 such mails from a@b.example here",
    "You chose this",
    'Your rule "Flug": sender\'s domain is b.example and subject contains Flug or Bahn',
    'Your catch-all rule "Rest": it is larger than 5 MB',
    "Not sure: nothing in it tells what it is",
]
CONDITIONS = [
    {"domain": ["b.example", "c.example"]},
    {"all": [{"subject": {"contains": "Flug"}}, {"not": {"list": True}}]},
    {"any": [{"size": {"over": "5 MB"}}, {"header": {"name": "X-Mailer"}}]},
]
BUSY = "b could not serve us just now. Mailbeat tries again at the next run."
SINCE = "2026-01-05 08:00:00 UTC"
ALERTS = [
    ("feed_deaf", f"No event was heard since {SINCE}: the broker is silent."),
    ("no_beat", "It gave no sign of life ever."),
    ("beat_stuck", f"It sent nothing since {SINCE}."),
    ("no_worker", "None gave a sign of life yet."),
    ("disk_full", "7 MiB are free on b (0.3% of the disk)."),
    ("needs_person", "a@b.example is paused and needs you."),
    (
        "account_failing",
        f"a@b.example failed 3 times in a row. {BUSY}",
    ),
    ("account_failing", "a@b.example failed once."),
    ("not_run", f"a@b.example was not run since {SINCE}."),
    ("queue_growing", f"30 messages wait for a worker; 3 did at {SINCE}."),
    (
        "errors_jump",
        "7 of the last 9 runs failed, of 3 accounts. Before it were 10%.",
    ),
]
# `1` stands for whatever there is of each kind.
PAGES = (
    "/", "/accounts", "/accounts/1", "/accounts/1/connection", "/accounts/new",
    "/runs", "/runs?outcome=failed", "/runs/failures", "/runs/run-0",
    "/runs/gone", "/messages", "/messages/1", "/messages/2", "/rules", "/rules/new",
    "/rules/1", "/categories", "/categories/1", "/insights", "/workers", "/tasks",
    "/tasks/failures", "/find?q=ada", "/find", "/shortcuts", "/alerts", "/settings",
    "/settings/audit", "/settings/digest", "/settings/digest/preview", "/no-such-page",
    "/rules/99", "/categories/99", "/messages/999", "/settings/audit?cursor=x",
    "/runs?cursor=x",
)  # fmt: skip
RULE = {"name": "Flug", "category_id": "2", "how": "all"}
ROW = {"field": "sender", "operator": "is", "value": "b.example"}
FORMS = [
    ("/rules", RULE | ROW),
    ("/rules", RULE | ROW | {"value": "x" * 999}),
    ("/rules", RULE | ROW | {"value": ""}),
    ("/rules", RULE | ROW | {"field": "domain", "value": "a@b.example"}),
    ("/rules", RULE | ROW | {"field": "size", "operator": "over", "value": "x"}),
    ("/rules", RULE | ROW | {"value": "a@b.example", "category_id": "99"}),
    ("/rules", RULE | ROW | {"value": "a@b.example", "name": "Regel 0"}),
    ("/rules", RULE | {"condition": "all: []"}),
    ("/rules", {}),
    ("/rules/import", {"text": "rules:\n- name: Flug\n  category: Nichts\n  if: {}"}),
    ("/rules/import", {"text": "x"}),
    ("/rules/import", {"text": "rules:\n- name: Regel 0\n  if: {list: x}"}),
    ("/categories", {"name": ""}),
    ("/categories", {"name": "Receipts", "bar": "85", "color": "red"}),
    ("/categories", {"name": "Neues", "bar": "85", "color": "rot"}),
    ("/categories", {"name": "Neues", "label": "a//b", "bar": "85", "color": "red"}),
    ("/categories", {"name": "x" * 99, "bar": "85", "color": "red"}),
    ("/categories/1/merge", {"into": "1"}),
    ("/accounts/1/change", {"interval_seconds": "1"}),
    ("/accounts/2/run", {}),
    ("/accounts/new", {"email_address": "x"}),
    ("/settings/digest", {"address": "x"}),
    ("/settings/keys", {}),
    ("/alerts/1/silence", {"minutes": "7"}),
    ("/alerts/99/acknowledge", {}),
    ("/alerts/test", {}),
    ("/workers/99/stop", {}),
    ("/settings/keys/nichts/revoke", {}),
]


class Texts(HTMLParser):
    """What of a page is read, but for what stands in another language or as code."""

    def __init__(self):
        super().__init__()
        self.found = []
        self.inside = []

    def handle_starttag(self, tag, attrs):
        is_other = dict(attrs).get("lang", "de") != "de" or tag in SILENT
        if not (is_other or any(self.inside)):
            self.found += [value for name, value in attrs if name in SEEN and value]
        if tag not in VOID:
            self.inside.append(is_other)

    def handle_endtag(self, tag):
        if self.inside and tag not in VOID:
            self.inside.pop()

    def handle_data(self, data):
        if not any(self.inside):
            self.found.append(data.strip())


def words_of(texts):
    # What stands between backticks is code, and what has a value's name is replaced.
    clean = (re.sub(r"%\(\w+\)s|\{\w+\}|`[^`]*`|<[^>]*>", " ", one) for one in texts)
    return {word.lower() for one in clean for word in WORD.findall(one)}


@pytest.fixture(scope="module")
def english():
    """Words that an English text has and no German one."""
    texts = {"english": [], "german": []}
    for name in ("messages", "browser"):
        for one in catalogue(name, "de"):
            if one.id:
                many = (one.id, one.string)
                for key, text in zip(texts, many, strict=True):
                    texts[key] += [text] if isinstance(text, str) else text
    names = [one.name for one in STARTING_CATEGORIES]
    names += [one.name for each in PRESETS.values() for one in each.proposals]
    return (
        words_of(texts["english"]) - words_of(texts["german"]) - words_of(names) - NAMES
    )


@pytest.fixture
def german(browser):
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de-DE,de;q=0.9"
    return browser


@pytest.fixture
def everything(sessions, now, add, ran, decide):
    """Something of each kind that a page can tell of."""
    first, paused = add("ada@b.example"), add("eva@b.example")
    for number, (code, error) in enumerate(ERRORS):
        sentence = str(refused(error, host="imap.b.example", mailbox="Post"))
        failed = {"outcome": "failed", "state": "error", "messages": 0}
        ran(
            first if number else paused,
            f"run-{number}",
            minutes=60 - number,
            error_code=code,
            error_message=sentence,
            **failed,
        )
    ran(first, "run-9", messages=0)
    for evidence in EVIDENCE:
        decide(first, evidence=evidence, sender="a@b.example", subject="Rechnung")
    uids = count()
    with transaction(sessions) as session:
        pause_account(session, paused, now=now)
        for one in CONDITIONS:
            new = NewRule(f"Regel {next(uids)}", read_condition(one), 2)
            add_rule(session, new, now=now)
        found = [
            alerts.Found(rule, f"x {number}", detail, first)
            for number, (rule, detail) in enumerate(ALERTS)
        ]
        alerts.write_down(session, found, {}, now=now)
        for action in ACTIONS:
            kind = action.partition(".")[0]
            audit.record(session, "cli", action, f"{kind} 7", "", now=now)
        audit.record(
            session, "worker", "account.pause", "account 2", "auth_failed", now=now
        )
        audit.record(session, "cli", "rule.import", "rules", "3 rules, add", now=now)
        wanted = NewDigest("ada@b.example", Frequency.WEEKLY, None, "UTC", 6)
        digests.subscribe(session, wanted, by="me", now=now)
        issue_key(session, name="Grafana", scope=Scope.READ, now=now)
        tick(session, now=now - timedelta(minutes=5))
        told = Telling(alerts.open_alerts(session), [], [])
        note = note_of(told, now=now, public_url=None, tongue=IN_ENGLISH)
        outbox.put(
            session,
            [type("Way", (), {"key": "way", "shown": "Mail to ops@b.example"})],
            kind="alert",
            message_id=note.id,
            title=note.title,
            payload=note.as_text(),
            now=now,
        )
        for number in range(2):
            who = Who(
                Kind.WORKER, f"celery@{number}", "1", host="b", pid=7, version="1"
            )
            said = {"size": 50, "can_resize": True, "active": 1, "processed": 1}
            say(session, who, said, now=now - timedelta(minutes=number))


def left_over(page, english):
    texts = Texts()
    texts.feed(page)
    shown = {one for one in texts.found if one not in FIELDS}
    said = (one for one in shown if not NO_WORDS.fullmatch(one))
    return sorted(one for one in said if words_of([one]) & english)


def test_no_page_has_english_on_it(german, everything, english):
    left = []
    for path in PAGES:
        page = german.get(path)
        assert page.status_code < 500
        left += [f"{path}: {text}" for text in left_over(page.text, english)]

    assert not left, "\n".join(left)


def test_no_form_is_refused_in_english(german, everything, english):
    left = []
    for path, form in FORMS:
        answer = german.post(path, data=form)
        assert answer.status_code in {200, 303, 400, 404, 409, 422}, path
        found = left_over(answer.text, english)
        left += [f"{path} {form}: {text}" for text in found]

    assert not left, "\n".join(left)
