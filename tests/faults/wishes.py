"""A person at the controls: run now, cancel, pause, resume; through API and CLI."""

import json
import random
import threading
import urllib.error
import urllib.request
from collections import Counter
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any

from tests.faults.installation import Installation
from tests.faults.records import Wish

ACTOR = "bootstrap"  # the id of MAILBEAT_API_KEY
LONGEST_PAUSE = 8.0  # seconds
BY_COMMAND = 0.1  # share of the wishes that come from the command line


class Refused(Exception):
    """The answer was not one of success; nothing was promised."""


class Person(threading.Thread):
    """Wishes for something every few seconds, and remembers what was promised."""

    def __init__(self, installation: Installation, *, seed: int) -> None:
        super().__init__(name="person", daemon=True)
        self.wishes: list[Wish] = []
        self.refused: Counter[str] = Counter()  # by reason
        self._installation = installation
        self._random = random.Random(seed)
        self._stopping = threading.Event()

    def run(self) -> None:
        kinds = [self._run_now] * 5 + [self._cancel] * 4 + [self._pause_one] * 2
        kinds.append(self._pause_all)
        while not self._stopping.wait(self._random.uniform(0.5, 2.5)):
            try:
                self._random.choice(kinds)()
            except Refused as refusal:
                self.refused[str(refusal)] += 1

    def stop(self) -> None:
        """End, with everything resumed."""
        self._stopping.set()
        self.join(90)

    # Wishes

    def _run_now(self) -> None:
        account_id = self._random.choice(list(self._installation.addresses))
        if self._random.random() < BY_COMMAND:
            answer = self._command("account", "run", str(account_id), "--json")
            run_id, actor = json.loads(answer)["run_id"], "cli"
        else:
            answer = self._ask("/api/processing/runs", {"account_id": account_id})
            run_id, actor = answer["run_id"], ACTOR
        self._note(
            actor, "run.want", f"account {account_id}", account_id, run_id=run_id
        )

    def _cancel(self) -> None:
        status = self._ask("/api/processing/current-status")
        idle = {"idle", "completed", "error"}
        running = [one for one in status["accounts"] if one["state"] not in idle]
        if not running:
            return
        one = self._random.choice(running)
        run_id = one["run_id"]
        self._ask(f"/api/processing/runs/{run_id}/cancel", {})
        self._note(
            ACTOR, "run.cancel", f"run {run_id}", one["account_id"], run_id=run_id
        )

    def _pause_one(self) -> None:
        account_id = self._random.choice(list(self._installation.addresses))
        by_command = self._random.random() < BY_COMMAND
        try:
            self._set_account(account_id, "pause", by_command=by_command)
            self._stopping.wait(self._random.uniform(1, LONGEST_PAUSE))
        finally:  # a pause that was not answered may have come about
            self._until_done(
                lambda: self._set_account(account_id, "resume", by_command=by_command)
            )

    def _set_account(self, account_id: int, verb: str, *, by_command: bool) -> None:
        if by_command:
            self._command("account", verb, str(account_id))
        else:
            self._ask(f"/api/accounts/{account_id}/{verb}", {})
        actor = "cli" if by_command else ACTOR
        self._note(actor, f"account.{verb}", f"account {account_id}", account_id)

    def _pause_all(self) -> None:
        try:
            self._set_all("pause")
            self._stopping.wait(self._random.uniform(1, 4))
        finally:
            self._until_done(lambda: self._set_all("resume"))

    def _set_all(self, verb: str) -> None:
        self._ask(f"/api/processing/{verb}", {})
        self._note(ACTOR, f"all.{verb}", "all")

    # Their ways

    def _note(
        self,
        actor: str,
        action: str,
        target: str,
        account_id: int | None = None,
        *,
        run_id: str | None = None,
    ) -> None:
        now = datetime.now(UTC)
        self.wishes.append(Wish(now, actor, action, target, account_id, run_id))

    def _until_done(self, wish: Any) -> None:
        for _ in range(60):
            try:
                wish()
            except Refused:
                threading.Event().wait(1)
            else:
                return
        raise RuntimeError("the web did not come back within a minute")

    def _ask(self, path: str, sent: Any = None) -> Any:
        request = urllib.request.Request(
            self._installation.url + path,
            data=None if sent is None else json.dumps(sent).encode(),
            headers={
                "X-API-Key": self._installation.key,
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return json.loads(response.read())
        except urllib.error.HTTPError as error:
            raise Refused(f"HTTP {error.code}") from None
        except (OSError, HTTPException, ValueError) as error:
            raise Refused(type(error).__name__) from None

    def _command(self, *words: str) -> str:
        done = self._installation.command(*words)
        if done.returncode:
            raise Refused(f"exit code {done.returncode}")
        return done.stdout
