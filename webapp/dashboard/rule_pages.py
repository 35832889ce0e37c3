"""`/rules`, `/rules/new`, `/rules/<id>`: what the user wants, in the user's order."""

from datetime import timedelta
from typing import Any

from flask import abort, render_template, request, url_for
from sqlalchemy.orm import Session

from mailbeat.db.categories import living_categories
from mailbeat.db.clock import database_now
from mailbeat.db.models import Account, CategoryRow
from mailbeat.db.recommendations import recommendations
from mailbeat.db.rule_preview import Preview
from mailbeat.db.rules import KeptRule, RuleNotFound, get_rule, list_rules
from mailbeat.db.status import accounts_without_secrets
from mailbeat.labeling.condition_words import in_words
from mailbeat.labeling.conditions import All
from mailbeat.labeling.rule_file import MAX_FILE, MOST_NAME
from mailbeat.labeling.worth_a_rule import Recommendation
from webapp.dashboard.blueprint import pages, reading
from webapp.dashboard.rule_form import (
    HEADER,
    HEADERS,
    MOST_ROWS,
    Row,
    RuleForm,
    fields_with_words,
    form_of,
    operators_by_field,
    operators_with_words,
    text_of,
)
from webapp.framing import MAX_BODY
from webapp.language import _, ngettext, number, tongue

ONE = "/rules/<int(max=2147483647):rule_id>"
AROUND = 4 * 1024  # bytes that a form has beside its file, at most
RECOMMENDED = 6  # shown
LOOKED_BACK = timedelta(days=90)
FEWEST_ROWS = 2


@pages.get("/rules")
def rules() -> str:
    return rules_page()


def rules_page(**more: Any) -> str:
    """The list; `more` is what was done with it, or what was wrong with a file."""
    with reading() as session:
        kept = list_rules(session)
        categories = {row.id: row for row in living_categories(session)}
        recommended = worth_a_rule(session)
        accounts = accounts_without_secrets(session)
    values = {
        "rules": [(one, in_words_of(one)) for one in kept],
        "categories": categories,
        "recommended": recommended,
        "many_accounts": len(accounts) > 1,
        "largest": MAX_FILE // 1024,
        "faults": [],
        "file": "",
        "most_bytes": MAX_BODY - AROUND,
        "removed": None,
    }
    return render_template("rules.html", **(values | more))


def worth_a_rule(
    session: Session, account_id: int | None = None, *, most: int = RECOMMENDED
) -> list[tuple[Recommendation, CategoryRow | None, Account | None]]:
    """The best recommendations, each with its category and account."""
    since = database_now(session) - LOOKED_BACK
    found = recommendations(session, since=since, account_id=account_id, limit=most)
    if not found:
        return []
    categories = {row.id: row for row in living_categories(session)}
    accounts = {one.id: one for one in accounts_without_secrets(session)}
    return [
        (one, categories.get(one.category_id or 0), accounts.get(one.account_id))
        for one in found
    ]


def in_words_of(rule: KeptRule) -> str:
    """A rule's condition as the beginning of a sentence."""
    if rule.condition is None:
        return _("A condition that cannot be read any more")
    if rule.condition == All(()):
        return _("Every message")
    words = in_words(rule.condition, tongue())
    return f"{words[:1].upper()}{words[1:]}"


@pages.get("/rules/new")
def rule_new() -> str:
    """An empty form, or one that begins with what the address says."""
    asked = request.args.get
    rows = []
    if asked("field"):
        rows.append(Row(asked("field", ""), "is", asked("value", "")[:320]))
    form = RuleForm(
        name=asked("name", "")[:MOST_NAME],
        category=asked("category_id", ""),
        account=asked("account_id", ""),
        rows=rows,
    )
    return rule_page(None, form)


@pages.get(ONE)
def rule(rule_id: int) -> str:
    with reading() as session:
        kept = known_rule(session, rule_id)
    form = form_of(kept.condition or All(()))
    if kept.condition is None or request.args.get("as") == "text":
        form.text = text_of(kept.condition) if kept.condition else ""
    form.name = kept.name
    form.category = str(kept.category_id or ("" if kept.lost_category else 0))
    form.account = str(kept.account_id or "")
    form.is_catch_all, form.enabled = kept.is_catch_all, kept.enabled
    return rule_page(kept, form)


def known_rule(session: Session, rule_id: int) -> KeptRule:
    """Return the rule, or answer 404."""
    try:
        return get_rule(session, rule_id)
    except RuleNotFound as error:
        abort(404, str(error))


def rule_page(
    kept: KeptRule | None,
    form: RuleForm,
    *,
    preview: Preview | None = None,
    more: bool = False,
) -> str:
    """The form of a rule, or of a new one, and what it would have done."""
    if form.text is None:
        wanted = max(len(form.rows) + more, FEWEST_ROWS)
        form.rows += [Row() for _ in range(wanted - len(form.rows))]
        del form.rows[MOST_ROWS:]
    with reading() as session:
        categories = living_categories(session)
        accounts = accounts_without_secrets(session)
    return render_template(
        "rule.html",
        rule=kept,
        form=form,
        preview=preview,
        said=sentence_of(preview, form) if preview else "",
        categories=categories,
        by_id={one.id: one for one in categories},
        accounts=accounts,
        fields=fields_with_words(),
        headers=[(f"{HEADER}{name}", name) for name in HEADERS],
        operators=operators_with_words(),
        by_field=operators_by_field(),
        action=url_for("pages.rule_change", rule_id=kept.id)
        if kept
        else url_for("pages.rules_add"),
    )


def sentence_of(preview: Preview, form: RuleForm) -> str:
    """What a rule would have done, in one sentence."""
    if not preview.looked_at:
        return _("There is no message to try it on yet.")
    last = ngettext("the last message", "the last %(num)s messages", preview.looked_at)
    values = {
        "n": number(preview.matched),
        "last": last,
        "changed": number(preview.would_change),
        "lost": number(preview.unknown),
    }
    if preview.matched and form.category and preview.unknown:
        return _(
            "Would match %(n)s of %(last)s, and change %(changed)s of them; of "
            "%(lost)s too much is forgotten to tell.",
            **values,
        )
    if preview.matched and form.category:
        return _(
            "Would match %(n)s of %(last)s, and change %(changed)s of them.", **values
        )
    if preview.unknown:
        return _(
            "Would match %(n)s of %(last)s; of %(lost)s too much is forgotten to tell.",
            **values,
        )
    return _("Would match %(n)s of %(last)s.", **values)
