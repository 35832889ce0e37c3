"""One look at everything: read the facts, write down what is wrong, say what is new."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mailbeat.alerts.rules import (
    GROWING_FOR,
    RULES,
    Facts,
    Failures,
    Process,
    Trouble,
    TroubledAccount,
    late_after,
    troubles,
)
from mailbeat.alerts.words import note_of
from mailbeat.db import alert_facts, alerts, outbox
from mailbeat.db.queues import depths
from mailbeat.db.watchers import list_watchers
from mailbeat.language import ENGLISH, tongue_of
from mailbeat.notify.channel import Channel

AT_MOST_EVERY = timedelta(hours=1)  # that a rule is told
REMIND_EVERY = timedelta(days=1)
CALMS = {name: rule.calm for name, rule in RULES.items()}


@dataclass(frozen=True, slots=True)
class Rulings:
    """What the installation sets for the rules and the messages."""

    default_interval: timedelta = timedelta(minutes=5)
    failing_runs: int = 3
    public_url: str | None = None
    language: str = ENGLISH


class Look:
    """Remembers what one look alone cannot see: for how long something is so."""

    def __init__(self, rulings: Rulings, channels: Sequence[Channel]) -> None:
        self._rulings = rulings
        self._channels = channels
        self._seen_since: dict[tuple[str, str], datetime] = {}

    def take(
        self, session: Session, *, now: datetime, alive_since: datetime
    ) -> list[Trouble]:
        """Look once, in the transaction that has the lead; return what is wrong.

        `alive_since`: since when this process has shown life without a gap. Who stood
        still for a while cannot blame the others for having done so too.
        """
        facts = self.facts(session, now=now, alive_since=alive_since)
        found = self._settled(troubles(facts), now)
        alerts.write_down(
            session,
            [
                alerts.Found(one.rule, one.subject, one.detail, one.account_id)
                for one in found
            ],
            CALMS,
            now=now,
        )
        self._tell(session, now)
        return found

    def forget(self) -> None:
        """Somebody else has the lead: what was seen is old when it comes back."""
        self._seen_since.clear()

    def facts(self, session: Session, *, now: datetime, alive_since: datetime) -> Facts:
        ticked, paused, has_accounts = alert_facts.installation_row(session)
        is_open = {(one.rule, one.subject) for one in alerts.open_alerts(session)}
        return Facts(
            now=now,
            looking_since=alive_since,
            has_accounts=has_accounts,
            is_all_paused=paused is not None,
            beat_ticked_at=ticked,
            processes=[
                Process(
                    one.kind,
                    one.host,
                    one.seen_at,
                    one.deaf_since,
                    one.disk_free,
                    one.disk_size,
                )
                for one in list_watchers(session)
            ],
            accounts=self._accounts(session, now),
            waiting=depths(session, since=now - GROWING_FOR),
            failures=_failures(session, now),
            is_open=is_open,
            failing_runs=self._rulings.failing_runs,
        )

    def _accounts(self, session: Session, now: datetime) -> list[TroubledAccount]:
        rows = alert_facts.account_rows(
            session,
            now=now,
            late_after=lambda seconds: late_after(self._every(seconds)),
        )
        found = [self._account(row, now) for row in rows]
        failing = [one.account_id for one in found if one.failures or one.needs_person]
        errors = alert_facts.last_errors(session, failing)
        return [
            one
            if (error := errors.get(one.account_id)) is None
            else _with_error(one, error)
            for one in found
        ]

    def _account(self, row: Any, now: datetime) -> TroubledAccount:
        is_queued = row.wanted_run_id is not None
        return TroubledAccount(
            account_id=row.id,
            email_address=row.email_address,
            failures=row.failures_in_a_row,
            is_paused=row.paused_at is not None,
            needs_person=bool(row.needs_person),
            last_run_at=row.last_run_at,
            interval=self._every(row.interval_seconds),
            is_waiting_on_purpose=(
                row.failures_in_a_row > 0 and not is_queued and row.next_run_at > now
            ),
            is_running=row.lease_until is not None and row.lease_until > now,
        )

    def _every(self, seconds: int | None) -> timedelta:
        return timedelta(seconds=seconds or 0) or self._rulings.default_interval

    def _settled(self, found: list[Trouble], now: datetime) -> list[Trouble]:
        """Those that were there for as long as their rule wants."""
        keys = {(one.rule, one.subject) for one in found}
        self._seen_since = {key: self._seen_since.get(key, now) for key in keys}
        return [
            one
            for one in found
            if now - self._seen_since[one.rule, one.subject] >= RULES[one.rule].settle
        ]

    def _tell(self, session: Session, now: datetime) -> None:
        if not self._channels:
            return  # nobody is told, so nothing may be shown as told
        telling = alerts.take_untold(
            session, now=now, at_most_every=AT_MOST_EVERY, remind_every=REMIND_EVERY
        )
        if telling.is_empty:
            return
        note = note_of(
            telling,
            now=now,
            public_url=self._rulings.public_url,
            tongue=tongue_of(self._rulings.language),
        )
        outbox.put(
            session,
            self._channels,
            kind="alert",
            message_id=note.id,
            title=note.title,
            payload=note.as_text(),
            now=now,
        )


def _with_error(one: TroubledAccount, error: str) -> TroubledAccount:
    return replace(one, error=error)


def _failures(session: Session, now: datetime) -> Failures:
    recent, before = alert_facts.newest_outcomes(session, now=now)
    failed = [account for account, outcome in recent if outcome == "failed"]
    return Failures(
        runs=len(recent),
        failed=len(failed),
        accounts=len(set(failed)),
        runs_before=len(before),
        failed_before=before.count("failed"),
    )
