"""Whether the reasons hold: what they quote stands in the mail, and is why."""

import re
from collections.abc import Sequence
from dataclasses import replace

from benchmarks.decisions_mail import Mail
from benchmarks.decisions_peers import Ours
from mailbeat.labeling.categorizer import Categorizer, Decision
from mailbeat.mail.message import Message

_QUOTE = re.compile(r'"([^"]+)"')


def check(mails: Sequence[Mail]) -> None:
    """Print the share with a reason, of true quotes, and of quotes that mattered."""
    categorizer = Ours().categorizer
    messages = [mail.message for mail in mails if not mail.is_spam]
    decisions = categorizer.decide(messages)
    print("\nReasons")
    reasoned = sum(bool(one.evidence.strip()) for one in decisions)
    print(f"  decisions with a reason            {reasoned / len(decisions):.3f}")
    quoting = [
        (message, one, _QUOTE.findall(one.evidence))
        for message, one in zip(messages, decisions, strict=True)
        if one.category_id is not None and _QUOTE.search(one.evidence)
    ]
    true = sum(all(_stands_in(q, message) for q in qs) for message, _, qs in quoting)
    print(f"  quotes that stand in the mail      {true / len(quoting):.3f}")
    fell = sum(_falls(categorizer, *one) for one in quoting)
    print(
        f"  less sure without the quoted words {fell / len(quoting):.3f}"
        f"   of {len(quoting)}"
    )


def _pattern(quote: str) -> re.Pattern[str]:
    return re.compile(r"\W+".join(map(re.escape, quote.split())), re.IGNORECASE)


def _stands_in(quote: str, message: Message) -> bool:
    said = f"{message.sender_name} {message.sender} {message.subject} {message.text}"
    return bool(_pattern(quote).search(said))


def _falls(
    categorizer: Categorizer, message: Message, decision: Decision, quotes: list[str]
) -> bool:
    subject, text, name = message.subject, message.text, message.sender_name
    for quote in quotes:
        pattern = _pattern(quote)
        subject, text, name = (pattern.sub(" ", one) for one in (subject, text, name))
    bare = replace(message, subject=subject, text=text, sender_name=name)
    (again,) = categorizer.decide([bare])
    if again.category_id == decision.category_id:
        return again.confidence < decision.confidence
    return True
