"""The frames of `/ws/status`, protocol v1 (DESIGN 5): JSON, and bytes on the wire."""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mailbeat.labeling.progress import RunState, describe
from webapp.api.schemas import iso, iso_or_none

VERSION = 1
HEARTBEAT_SECONDS = 20

# Close codes. The library has no names for those of ours.
GOING_AWAY = 1001
TOO_CHATTY = 1008
TOO_BIG = 1009
SIGNED_OUT = 4401
STALLED = 4408

# RFC 6455, 5.2: FIN and the opcode; a server never masks.
_TEXT, _CLOSE, _PING, _PONG = 0x81, 0x88, 0x89, 0x8A
_SHORT, _MEDIUM = 126, 1 << 16  # lengths from which the header grows


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """What one card shows. `eta_seconds` is None unless the pace is steady."""

    account_id: int
    email_address: str
    state: RunState
    current: int
    total: int | None
    start_time: datetime | None
    last_updated: datetime
    error_code: str | None
    error_message: str | None
    run_id: str | None
    eta_seconds: int | None
    paused: bool
    next_run_at: datetime | None
    setting_up: bool = False
    step: str | None = None  # where the state's own words do not say enough


def status_json(status: AccountStatus) -> dict[str, Any]:
    progress = None
    if status.total:  # "0 of 0" is no progress, and a division by zero in clients
        progress = {"current": status.current, "total": status.total}
    words = describe(status.state, current=status.current, total=status.total)
    return {
        "account_id": status.account_id,
        "email_address": status.email_address,
        "state": str(status.state),
        "current_step": status.step or words,
        "progress": progress,
        "start_time": iso_or_none(status.start_time),
        "last_updated": iso(status.last_updated),
        "error_message": status.error_message,
        "run_id": status.run_id,
        "error_code": status.error_code,
        "eta_seconds": status.eta_seconds,
        "paused": status.paused,
        "setting_up": status.setting_up,
        "next_run_at": iso_or_none(status.next_run_at),
    }


def message(
    kind: str, data: Any, *, seq: int, beside: Mapping[str, Any] | None = None
) -> bytes:
    """One message as a finished frame.

    `data` comes last: who only counts frames or looks for a gap reads the first bytes.
    """
    envelope = {
        "type": kind,
        "seq": seq,
        "v": VERSION,
        "timestamp": iso(datetime.now(UTC)),
        **(beside or {}),
        "data": data,
    }
    text = json.dumps(envelope, separators=(",", ":"), ensure_ascii=False)
    return _frame(_TEXT, text.encode(errors="replace"))


def ping_frame() -> bytes:
    return _frame(_PING, b"")


def pong_frame(payload: bytes) -> bytes:
    return _frame(_PONG, payload)


def close_frame(code: int, reason: str) -> bytes:
    return _frame(_CLOSE, struct.pack("!H", code) + reason.encode()[:123])


def _frame(head: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < _SHORT:
        header = struct.pack("!BB", head, size)
    elif size < _MEDIUM:
        header = struct.pack("!BBH", head, 126, size)
    else:
        header = struct.pack("!BBQ", head, 127, size)
    return header + payload
