"""Column types that differ between the two databases, or that hide what they hold."""

from datetime import UTC, datetime
from typing import Any

from cryptography.fernet import InvalidToken, MultiFernet
from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator


class SecretUnreadable(Exception):
    """A stored secret was encrypted with a key that is no longer configured."""


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC time on both databases; SQLite alone would return naive ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("A time without a zone reached the database layer.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 # SQLAlchemy's signature
    ) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value.astimezone(UTC)


class EncryptedText(TypeDecorator[str]):
    """Text that is ciphertext in the database.

    The cipher belongs to the engine, not to the process: `create_engine` in
    `db/session.py` puts it on the dialect, the one thing of an engine that a type
    gets to see.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return _cipher(dialect).encrypt(value.encode()).decode("ascii")

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        try:
            return _cipher(dialect).decrypt(value.encode()).decode()
        except InvalidToken:
            raise SecretUnreadable(
                "A stored secret cannot be decrypted: its key is missing from "
                "MAILBEAT_SECRET_KEYS. Add the old key at the end of the list."
            ) from None


def _cipher(dialect: Dialect) -> MultiFernet:
    cipher = getattr(dialect, "mailbeat_cipher", None)
    if not isinstance(cipher, MultiFernet):
        raise SecretUnreadable(
            "This process was started without MAILBEAT_SECRET_KEYS, so it can neither "
            "store nor read a secret. Set it to what `mailbeat secrets new` prints."
        )
    return cipher
