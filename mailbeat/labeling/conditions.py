"""Conditions of rules: what is asked of a message.

An answer is True, False, or None: what is asked about is not known any more. Text is
looked for as it is written; no pattern of a user's is ever run, so that each question
takes time that grows with the message only.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from mailbeat.labeling.rule_facts import Known, folded, folded_address, folded_domain

IS, CONTAINS, STARTS, ENDS = "is", "contains", "starts", "ends"
EXISTS, OVER, UNDER = "exists", "over", "under"
YES, NO = "yes", "no"  # the values of EXISTS
SIZES = {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3}  # bytes
TEXT = (IS, CONTAINS, STARTS, ENDS)
OPERATORS = {
    "sender": TEXT,
    "domain": TEXT,
    "recipient": TEXT,
    "list": (*TEXT, EXISTS),
    "subject": TEXT,
    "header": (*TEXT, EXISTS),
    "attachment": (*TEXT, EXISTS),
    "size": (OVER, UNDER),
    "account": TEXT,
}
MOST_DOMAIN = 255  # characters (RFC 1035, 2.3.4)

Answer = bool | None
Ask = Callable[[Known], Answer]


@dataclass(frozen=True, slots=True)
class Check:
    """One question; any of its values will do. `name` is that of a header's field."""

    field: str
    operator: str
    values: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"


Condition = Check | All | AnyOf | Not


def compiled(condition: Condition) -> Ask:
    """Make a function of a condition, which is asked of many messages."""
    match condition:
        case Check():
            return _compiled_check(condition)
        case Not(part):
            return _negated(compiled(part))
        case All(parts):
            return _joined([compiled(one) for one in parts], decides=False)
        case AnyOf(parts):
            return _joined([compiled(one) for one in parts], decides=True)


def _negated(ask: Ask) -> Ask:
    def answer(known: Known) -> Answer:
        found = ask(known)
        return None if found is None else not found

    return answer


def _joined(asks: Sequence[Ask], *, decides: bool) -> Ask:
    """Ask until one answers `decides`; what is not known may have been that."""

    def answer(known: Known) -> Answer:
        otherwise: Answer = not decides
        for ask in asks:
            found = ask(known)
            if found is decides:
                return decides
            if found is None:
                otherwise = None
        return otherwise

    return answer


def _compiled_check(check: Check) -> Ask:
    if check.field == "size":
        return _compiled_size(check)
    if check.operator == EXISTS:
        return _compiled_exists(check)
    says = _comparison(check)
    if check.field in {"recipient", "attachment", "header"}:
        return _any_value(check, says)
    get = _ONE_VALUE[check.field]

    def answer(known: Known) -> Answer:
        value = get(known)
        return None if value is None else says(value)

    return answer


_ONE_VALUE: dict[str, Callable[[Known], str | None]] = {
    "sender": attrgetter("sender"),
    "domain": attrgetter("domain"),
    "list": attrgetter("list_id"),
    "subject": attrgetter("subject"),
    "account": attrgetter("account"),
}


def _compiled_size(check: Check) -> Ask:
    limits = [bytes_of(one) for one in check.values]
    over = check.operator == OVER

    def answer(known: Known) -> Answer:
        size = known.size
        if size is None:
            return None
        return any(size > one if over else size < one for one in limits)

    return answer


def bytes_of(size: str) -> int:
    """Return how many bytes `5 MB` are."""
    number, _, unit = size.partition(" ")
    return int(number) * SIZES[unit or "B"]


def _compiled_exists(check: Check) -> Ask:
    wanted = YES in check.values
    name = check.name.lower()

    def answer(known: Known) -> Answer:
        if check.field == "list":
            return bool(known.list_id) is wanted
        if check.field == "attachment":
            has = known.has_attachment
            return None if has is None else has is wanted
        values = known.header(name)
        return None if values is None else bool(values) is wanted

    return answer


def _any_value(check: Check, says: Callable[[str], bool]) -> Ask:
    field, name = check.field, check.name.lower()

    def answer(known: Known) -> Answer:
        if field == "header":
            values = known.header(name)
        elif field == "recipient":
            values = known.recipients
        else:
            values = known.attachments
        if values is None:
            return None
        if any(says(one) for one in values):
            return True
        return None if known.is_cut(field, name) else False

    return answer


def wanted_values(check: Check) -> tuple[str, ...]:
    """The values as they are compared."""
    if check.field == "domain":
        return tuple(folded_domain(one).lstrip("@.") for one in check.values)
    if check.field in {"sender", "recipient", "account"}:
        return tuple(
            folded_address(one) if "@" in one else folded(one) for one in check.values
        )
    if check.field == "list":
        return tuple(_list_name(folded(one)) for one in check.values)
    return tuple(folded(one) for one in check.values)


def _list_name(written: str) -> str:
    """A List-Id without its description (RFC 2919, 3)."""
    _, _, rest = written.rpartition("<")
    return rest.partition(">")[0].strip() or written


def _comparison(check: Check) -> Callable[[str], bool]:
    wanted = wanted_values(check)
    if check.operator == CONTAINS:
        return _contains(wanted)
    if check.operator == STARTS:
        return lambda value: value.startswith(wanted)
    if check.field == "domain":  # `is` and `ends`: it, and all domains below it
        return _ends(wanted, tuple(f".{one}" for one in wanted))
    if check.operator == ENDS:
        if check.field in {"sender", "recipient", "account"}:
            wanted = tuple(ending for one in wanted for ending in _endings(one))
        return _ends((), wanted)
    return _is(wanted, is_tagged=check.field == "recipient")


def _is(wanted: tuple[str, ...], *, is_tagged: bool) -> Callable[[str], bool]:
    whole = frozenset(wanted)
    if is_tagged:
        return lambda value: value in whole or untagged(value) in whole
    return whole.__contains__


def _contains(wanted: tuple[str, ...]) -> Callable[[str], bool]:
    if len(wanted) == 1:
        (only,) = wanted
        return lambda value: only in value
    return lambda value: any(one in value for one in wanted)


def _ends(same: tuple[str, ...], endings: tuple[str, ...]) -> Callable[[str], bool]:
    whole = frozenset(same)
    return lambda value: value in whole or value.endswith(endings)


def _endings(wanted: str) -> tuple[str, ...]:
    """An address ends in a domain where the domain begins, not within a name of it.

    Else everybody could own `not-lufthansa.com` for a rule about `lufthansa.com`.
    """
    if "@" in wanted or wanted.startswith("."):
        return (wanted,)
    return (f"@{wanted}", f".{wanted}")


def untagged(address: str) -> str:
    """An address without what follows a plus (RFC 5233): `ada+shop@` is `ada@`."""
    local, at, domain = address.rpartition("@")
    name, plus, _ = local.partition("+")
    return f"{name}{at}{domain}" if plus and name else address


# Looking up


def keys_of(condition: Condition) -> frozenset[str] | None:
    """Keys of which a message has one where the condition holds; None: no such keys.

    So that of a thousand rules about senders the few are asked that may hold.
    """
    match condition:
        case Check():
            return _keys_of_check(condition)
        case All(parts):
            found = [keys for one in parts if (keys := keys_of(one)) is not None]
            return min(found, key=len) if found else None
        case AnyOf(parts):
            every = [keys_of(one) for one in parts]
            if None in every:
                return None
            return frozenset().union(*(keys for keys in every if keys))
        case Not():
            return None


def _keys_of_check(check: Check) -> frozenset[str] | None:
    is_one = check.operator == IS
    if check.field == "domain":
        is_one = check.operator in {IS, ENDS}
    if not is_one or check.field not in {"sender", "domain", "list", "recipient"}:
        return None
    return frozenset(f"{check.field} {one}" for one in wanted_values(check))


def keys_in(known: Known, *, with_recipients: bool) -> Iterator[str]:
    """The keys that a message has. What recipients it has takes longest to find out."""
    yield f"sender {known.sender}"
    yield f"list {known.list_id}"
    domain = known.domain if len(known.domain) <= MOST_DOMAIN else ""
    while domain:
        yield f"domain {domain}"
        domain = domain.partition(".")[2]
    if with_recipients:
        for one in known.recipients or ():
            yield f"recipient {one}"
            yield f"recipient {untagged(one)}"
