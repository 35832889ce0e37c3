"""What a command works on: the settings, the folder D, the database."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailbeat.settings import Settings, SettingsError, load_settings

if TYPE_CHECKING:  # the database is loaded by the commands that need it
    from sqlalchemy import Engine

    from mailbeat.db.llm import Asking
    from mailbeat.db.session import Sessions
    from mailbeat.mail.oauth import Clients
    from mailbeat.signing_in import Access


class Failed(Exception):
    """The thing failed; the text is for the user."""


def ask(question: str) -> None:
    """Ask whether to go on.

    Raises:
        Failed: no, or nobody is there to answer.
    """
    try:
        if click.confirm(question):
            return
    except click.Abort:
        raise Failed(
            "Nothing was changed, for nobody answered. Say --yes to go on without "
            "being asked."
        ) from None
    raise Failed("Nothing was changed.")


class Installation:
    """Settings come from the environment, then `.env` here, then the folder D.

    So `mailbeat account add` and `mailbeat up` in a fresh clone work on the same
    database with the same keys, while a host that sets the variables has its way.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @cached_property
    def settings(self) -> Settings:
        from mailbeat.demo.keys import secret_keys
        from mailbeat.demo.private_files import private_directory

        told = self._told()
        if "DATABASE_URL" not in told:
            directory = private_directory(self.directory)
            database = (directory / "mailbeat.db").resolve()
            os.environ["DATABASE_URL"] = f"sqlite:///{database}"
            if "MAILBEAT_SECRET_KEYS" not in told:
                os.environ["MAILBEAT_SECRET_KEYS"] = secret_keys(directory).value
        return self._load()

    @property
    def oauth_clients(self) -> "Clients":
        from mailbeat.mail.oauth import clients_of

        settings = self.settings
        return clients_of(
            settings.oauth_credentials, networks=settings.imap_allowed_networks
        )

    @property
    def llm(self) -> "Asking | None":
        from mailbeat.db.llm import asking_of
        from mailbeat.logs import register_secret

        settings = self.settings
        if settings.llm is not None:
            register_secret(settings.llm[2])
        return asking_of(
            settings.llm,
            networks=settings.imap_allowed_networks,
            daily_messages=settings.llm_daily_messages,
            prices=settings.llm_prices,
            secret_keys=[
                one.get_secret_value() for one in settings.mailbeat_secret_keys
            ],
        )

    @property
    def access(self) -> "Access":
        from mailbeat.signing_in import Access

        return Access(self.oauth_clients, self.settings.imap_allowed_networks)

    def environment(self) -> dict[str, str]:
        """What a child process gets: the environment, and below it `.env`."""
        from dotenv import dotenv_values

        file = {name: value or "" for name, value in dotenv_values(".env").items()}
        return {**file, **os.environ}

    def _told(self) -> set[str]:
        """The variables that the environment or `.env` sets."""
        settings = self._load()
        return {
            str(Settings.model_fields[name].validation_alias)
            for name in settings.model_fields_set
        }

    def _load(self) -> Settings:
        file = Path(".env")
        try:
            return load_settings(env_file=file if file.exists() else None)
        except SettingsError as error:
            raise Failed(str(error)) from None

    @contextmanager
    def sessions(self, *, secrets: bool = True) -> Iterator["Sessions"]:
        """Sessions on the database, which is brought to its schema if it is new here.

        Raises:
            Failed: it cannot be reached, or has an older schema.
        """
        from sqlalchemy.exc import SQLAlchemyError

        from mailbeat.db.session import create_engine, create_sessions

        try:
            keys = self.settings.secret_keys if secrets else ()
            engine = create_engine(self.settings.database_url, secret_keys=keys)
            self._require_schema(engine)
            yield create_sessions(engine)
            engine.dispose()
        except SettingsError as error:
            raise Failed(str(error)) from None
        except SQLAlchemyError as error:
            raise Failed(
                f"The database failed ({type(error).__name__}). Check DATABASE_URL; "
                "`mailbeat doctor` says more."
            ) from None

    def _require_schema(self, engine: "Engine") -> None:
        from mailbeat.db.schema import is_current, migrate

        if is_current(engine):
            return
        if engine.dialect.name == "sqlite" and self._is_in_home():
            migrate(self.settings.database_url)
            return
        raise Failed("The database has another schema. Run `mailbeat migrate` first.")

    def _is_in_home(self) -> bool:
        return str(self.directory.resolve()) in self.settings.database_url


pass_installation = click.make_pass_decorator(Installation)
