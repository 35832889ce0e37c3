"""Every environment variable that Mailbeat reads: its unit, default and meaning.

Only the doors read it (`celeryconfig.py`, `tasks/wiring.py`, `webapp/__init__.py`,
`mailbeat/cli.py`, `alembic/env.py`); everything below a door takes values.
"""

import re
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit

from cryptography.fernet import Fernet
from pydantic import (
    Field,
    JsonValue,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from mailbeat.labeling.llm.prices import Prices
from mailbeat.logs import scrub
from mailbeat.notify.smtp import is_mail_address, mail_server

MIN_API_KEY = 16  # characters
MIN_VARIETY = 6  # different characters
_GUESSABLE = frozenset({"changeme", "secret", "password", "default", "example"})
_PLAIN = r"^[\x21-\x7e]{1,500}$"
_HTTP = re.compile(r"https?://[\x21-\x7e]{1,500}")
_REDIS, _RABBITMQ = {"redis", "rediss"}, {"amqp", "amqps"}


class SettingsError(Exception):
    """A variable is missing or wrong; the text names it and says what is accepted."""


def _variable(
    name: str,
    default: Any,
    meaning: str,
    accepts: str,
    *,
    example: str = "",
    secret: bool = False,
    **limits: Any,
) -> Any:
    extra: dict[str, JsonValue] = {
        "accepts": accepts,
        "example": example,
        "secret": secret,
    }
    return Field(
        default,
        validation_alias=name,
        description=meaning,
        json_schema_extra=extra,
        **limits,
    )


Network = IPv4Network | IPv6Network


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True
    )

    database_url: str = _variable(
        "DATABASE_URL",
        "sqlite:///var/mailbeat.db",
        "Where everything is remembered",
        "a sqlite:/// or postgresql:// address (postgres:// too)",
        example="postgresql://mailbeat@127.0.0.1/mailbeat",
    )
    redis_url: str | None = _variable(
        "REDIS_URL",
        None,
        "Broker, events, results and limits; `mailbeat up` starts a Redis of its own "
        "when neither this nor BROKER_URL is set",
        "a redis:// or rediss:// address",
        example="redis://127.0.0.1:6379/0",
        secret=True,
    )
    broker_url: str | None = _variable(
        "BROKER_URL",
        None,
        "Another broker than REDIS_URL, which then may be unset",
        "a redis://, rediss://, amqp:// or amqps:// address",
        example="amqp://127.0.0.1:5672//",
        secret=True,
    )
    background_scan_interval: int = _variable(
        "BACKGROUND_SCAN_INTERVAL",
        300,
        "Seconds between two runs of an account; an account may have its own",
        "a whole number of seconds, 2 to 86400",
        example="300",
        ge=2,
        le=86_400,
    )
    background_process_hours: int = _variable(
        "BACKGROUND_PROCESS_HOURS",
        2,
        "Hours looked back where there is no watermark: an account's first run, or "
        "after the server renumbered the mailbox",
        "a whole number of hours, 1 to 8760",
        example="2",
        ge=1,
        le=8760,
    )
    mailbeat_secret_keys: Annotated[tuple[SecretStr, ...], NoDecode] = _variable(
        "MAILBEAT_SECRET_KEYS",
        (),
        "Keys that encrypt stored passwords: the first encrypts, all decrypt. Made by "
        "`mailbeat up` and `demo`; required elsewhere",
        "Fernet keys separated by commas (`mailbeat secrets new` prints one)",
        secret=True,
    )
    mailbeat_api_key: SecretStr | None = _variable(
        "MAILBEAT_API_KEY",
        None,
        "The first admin key. Made and printed once by `mailbeat up` and `demo`; "
        "elsewhere required until a key was issued",
        f"at least {MIN_API_KEY} characters that nobody can guess",
        secret=True,
    )
    host: str = _variable(
        "HOST",
        "127.0.0.1",
        "Address where the web of `up` and `demo` listens; the Procfile's web listens "
        "on 0.0.0.0 unless this is set",
        "an address of this machine",
        example="127.0.0.1",
        min_length=1,
    )
    port: int = _variable(
        "PORT",
        8000,
        "Port where the web listens",
        "a whole number, 1 to 65535",
        example="8000",
        ge=1,
        le=65_535,
    )
    public_url: str | None = _variable(
        "PUBLIC_URL",
        None,
        "The address that browsers use, when a proxy stands in front",
        "an http:// or https:// address",
        example="https://mail.example.org",
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = _variable(
        "ALLOWED_ORIGINS",
        (),
        "Other origins whose pages may open the WebSocket",
        "http:// or https:// origins separated by commas",
        example="https://status.example.org",
    )
    trusted_proxy_hops: int = _variable(
        "TRUSTED_PROXY_HOPS",
        0,
        "How many proxies in front of the web may say who the client is",
        "a whole number, 0 to 10",
        example="1",
        ge=0,
        le=10,
    )
    ws_max_clients: int = _variable(
        "WS_MAX_CLIENTS",
        50,
        "WebSockets open at once; one more is answered 503",
        "a whole number, 1 to 10000",
        example="50",
        ge=1,
        le=10_000,
    )
    ws_max_clients_per_key: int = _variable(
        "WS_MAX_CLIENTS_PER_KEY",
        10,
        "WebSockets open at once with one key; one more is answered 429",
        "a whole number, 1 to 10000",
        example="10",
        ge=1,
        le=10_000,
    )
    worker_concurrency: int = _variable(
        "WORKER_CONCURRENCY",
        50,
        "Threads of one worker: accounts that it runs at once",
        "a whole number, 1 to 500",
        example="50",
        ge=1,
        le=500,
    )
    run_deadline: int = _variable(
        "RUN_DEADLINE",
        1800,
        "Seconds that one run may take; what is left is done by the next",
        "a whole number of seconds, 10 to 86400",
        example="1800",
        ge=10,
        le=86_400,
    )
    imap_allowed_networks: Annotated[tuple[Network, ...], NoDecode] = _variable(
        "IMAP_ALLOWED_NETWORKS",
        (),
        "Private networks whose mail servers may be dialled",
        "networks in CIDR notation separated by commas",
        example="192.168.1.0/24,127.0.0.0/8",
    )
    google_client_id: str | None = _variable(
        "GOOGLE_CLIENT_ID",
        None,
        "This installation as Google knows it, for accounts that sign in with Google",
        "a client id from Google's console",
        example="1234-abc.apps.googleusercontent.com",
        pattern=_PLAIN,
    )
    google_client_secret: SecretStr | None = _variable(
        "GOOGLE_CLIENT_SECRET",
        None,
        "What belongs to GOOGLE_CLIENT_ID",
        "a client secret from Google's console",
        secret=True,
    )
    microsoft_client_id: str | None = _variable(
        "MICROSOFT_CLIENT_ID",
        None,
        "This installation as Microsoft knows it, for accounts that sign in with "
        "Microsoft",
        "an application id from Microsoft Entra",
        example="00000000-0000-0000-0000-000000000000",
        pattern=_PLAIN,
    )
    microsoft_client_secret: SecretStr | None = _variable(
        "MICROSOFT_CLIENT_SECRET",
        None,
        "What belongs to MICROSOFT_CLIENT_ID; a public client has none",
        "a client secret from Microsoft Entra",
        secret=True,
    )
    llm_base_url: str | None = _variable(
        "LLM_BASE_URL",
        None,
        "An OpenAI-compatible endpoint that is asked about mail which is not clear, "
        "for the accounts that want it; http:// is for private networks and those of "
        "IMAP_ALLOWED_NETWORKS",
        "an http:// or https:// address without a user, a query or a fragment",
        example="http://127.0.0.1:11434/v1",
        secret=True,
    )
    llm_api_key: SecretStr | None = _variable(
        "LLM_API_KEY",
        None,
        "What LLM_BASE_URL wants to see as a bearer token; local ones want none",
        "a key without spaces",
        secret=True,
    )
    llm_model: str | None = _variable(
        "LLM_MODEL",
        None,
        "The model that is asked there; nothing is asked without it",
        "a model's name",
        example="llama3.1",
        pattern=_PLAIN,
    )
    llm_daily_messages: int = _variable(
        "LLM_DAILY_MESSAGES",
        1000,
        "Messages that the model is asked about on one day (UTC), of all accounts",
        "a whole number, 1 to 1000000",
        example="1000",
        ge=1,
        le=1_000_000,
    )
    llm_price_in: float = _variable(
        "LLM_PRICE_IN",
        0.0,
        "What a million tokens that the model reads cost, in LLM_CURRENCY; 0: unknown",
        "a number, 0 to 10000",
        example="0.15",
        ge=0,
        le=10_000,
        allow_inf_nan=False,
    )
    llm_price_out: float = _variable(
        "LLM_PRICE_OUT",
        0.0,
        "What a million tokens that the model writes cost, in LLM_CURRENCY; 0: unknown",
        "a number, 0 to 10000",
        example="0.60",
        ge=0,
        le=10_000,
        allow_inf_nan=False,
    )
    llm_currency: str = _variable(
        "LLM_CURRENCY",
        "USD",
        "The currency of LLM_PRICE_IN and LLM_PRICE_OUT",
        "three capital letters (ISO 4217)",
        example="EUR",
        pattern=r"^[A-Z]{3}$",
    )
    metrics_token: SecretStr | None = _variable(
        "METRICS_TOKEN",
        None,
        "A token that opens /metrics and nothing else, for Prometheus",
        "a text of at least 16 characters without blanks",
        secret=True,
        min_length=16,
    )
    deadman_url: SecretStr | None = _variable(
        "DEADMAN_URL",
        None,
        "Asked after each good cycle of beat, at most once a minute; who watches it "
        "raises the alarm when it is not (healthchecks.io and the like)",
        "an http:// or https:// address",
        secret=True,
    )
    run_days: int = _variable(
        "RUN_DAYS",
        400,
        "Days that a run is kept",
        "a whole number of days, 1 to 3650",
        example="400",
        ge=1,
        le=3650,
    )
    message_days: int = _variable(
        "MESSAGE_DAYS",
        400,
        "Days that a decision about a message is kept",
        "a whole number of days, 1 to 3650",
        example="400",
        ge=1,
        le=3650,
    )
    statistics_days: int = _variable(
        "STATISTICS_DAYS",
        1830,
        "Days that numbers of messages and runs are kept, by account and day; no "
        "sender is among them",
        "a whole number of days, 1 to 36500",
        example="1830",
        ge=1,
        le=36_500,
    )
    subject_days: int = _variable(
        "SUBJECT_DAYS",
        30,
        "Days that a message's subject is kept, encrypted; 0 keeps none",
        "a whole number of days, 0 to 3650",
        example="30",
        ge=0,
        le=3650,
    )
    task_days: int = _variable(
        "TASK_DAYS",
        7,
        "Days that a Celery task is kept",
        "a whole number of days, 1 to 3650",
        example="7",
        ge=1,
        le=3650,
    )
    task_failure_days: int = _variable(
        "TASK_FAILURE_DAYS",
        30,
        "Days that a Celery task is kept that failed, if that is more",
        "a whole number of days, 1 to 3650",
        example="30",
        ge=1,
        le=3650,
    )
    smtp_url: str | None = _variable(
        "SMTP_URL",
        None,
        "Where mail is handed in that tells alerts and brings digests. STARTTLS is "
        "wanted; ?tls=none does without, for a server of your own",
        "an smtp:// or smtps:// address, with user and password where those are wanted",
        example="smtps://mailbeat:secret@mail.example.org:465",
        secret=True,
    )
    mail_from: str | None = _variable(
        "MAIL_FROM",
        None,
        "Whom that mail comes from; else the user of SMTP_URL",
        "a mail address",
        example="mailbeat@example.org",
    )
    language: Literal["en", "de"] = _variable(
        "LANGUAGE",
        "en",
        "The language of alerts. Pages speak what each browser asks for, digests what "
        "was chosen for them",
        "en or de",
        example="en",
    )
    alert_to: Annotated[tuple[str, ...], NoDecode] = _variable(
        "ALERT_TO",
        (),
        "Who gets alerts by mail; SMTP_URL says how",
        "mail addresses separated by commas",
        example="ops@example.org",
    )
    alert_webhook_url: str | None = _variable(
        "ALERT_WEBHOOK_URL",
        None,
        "Where alerts are sent as JSON; each is signed with ALERT_WEBHOOK_SECRET",
        "an http:// or https:// address without a user",
        example="https://hooks.example.org/mailbeat",
        secret=True,
    )
    alert_webhook_secret: SecretStr | None = _variable(
        "ALERT_WEBHOOK_SECRET",
        None,
        "What signs the alerts sent to ALERT_WEBHOOK_URL, which needs it",
        "at least 16 characters that nobody can guess",
        secret=True,
        min_length=MIN_API_KEY,
    )
    notify_urls: Annotated[tuple[str, ...], NoDecode] = _variable(
        "NOTIFY_URLS",
        (),
        "Where else alerts go, as Apprise has it: Slack, Telegram, ntfy and others. "
        "Needs `pip install 'mailbeat[apprise]'`",
        "addresses of Apprise separated by spaces or line ends",
        example="ntfys://ntfy.example.org/mailbeat",
        secret=True,
    )
    alert_failed_runs: int = _variable(
        "ALERT_FAILED_RUNS",
        3,
        "Failed runs of an account in a row that are an alert",
        "a whole number, 1 to 100",
        example="3",
        ge=1,
        le=100,
    )
    log_level: Literal["debug", "info", "warning", "error"] = _variable(
        "LOG_LEVEL",
        "info",
        "The least that is logged",
        "debug, info, warning or error",
        example="info",
    )
    log_format: Literal["auto", "json", "console"] = _variable(
        "LOG_FORMAT",
        "auto",
        "How a log line looks: readable on a terminal, JSON elsewhere",
        "auto, json or console",
        example="auto",
    )

    @field_validator(
        "mailbeat_secret_keys",
        "allowed_origins",
        "imap_allowed_networks",
        "alert_to",
        mode="before",
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @field_validator("mailbeat_secret_keys")
    @classmethod
    def _fernet_keys(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for key in keys:
            Fernet(key.get_secret_value())
        return keys

    @field_validator("mailbeat_api_key")
    @classmethod
    def _hard_to_guess(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None:
            text = key.get_secret_value()
            if (
                len(text) < MIN_API_KEY
                or len(set(text)) < MIN_VARIETY
                or not text.isascii()
            ):
                raise ValueError("too easy to guess")
            if any(text.lower().strip("0123456789-_") == word for word in _GUESSABLE):
                raise ValueError("too easy to guess")
        return key

    @field_validator("database_url")
    @classmethod
    def _sqlalchemy_url(cls, url: str) -> str:
        scheme, _, rest = url.partition("://")
        if scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
            return f"postgresql+psycopg://{rest}"
        if scheme != "sqlite":
            raise ValueError("unknown kind of database")
        return url

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, url: str | None) -> str | None:
        if url is not None and urlsplit(url).scheme not in _REDIS:
            raise ValueError("not a Redis")
        return url

    @field_validator("deadman_url")
    @classmethod
    def _address(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not _HTTP.fullmatch(url.get_secret_value()):
            raise ValueError("no address")
        return url

    @field_validator("broker_url")
    @classmethod
    def _known_broker(cls, url: str | None) -> str | None:
        if url is not None and urlsplit(url).scheme not in _REDIS | _RABBITMQ:
            raise ValueError("unknown kind of broker")
        return url

    @field_validator("public_url", "allowed_origins")
    @classmethod
    def _web_addresses(cls, value: Any) -> Any:
        for url in value if isinstance(value, tuple) else (value,):
            if url is not None and urlsplit(url).scheme not in {"http", "https"}:
                raise ValueError("not a web address")
        return value

    @field_validator("llm_base_url")
    @classmethod
    def _endpoint(cls, url: str | None) -> str | None:
        if url is not None:
            parts = urlsplit(url)
            odd = "@" in parts.netloc or parts.query or parts.fragment
            is_plain = url.isascii() and url.isprintable() and " " not in url
            if odd or not is_plain or not parts.hostname or parts.port == 0:
                raise ValueError("no plain web address")
            if parts.scheme not in {"http", "https"}:
                raise ValueError("not a web address")
        return url

    @field_validator("llm_api_key")
    @classmethod
    def _fits_a_header(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and not re.fullmatch(_PLAIN, key.get_secret_value()):
            raise ValueError("not to be sent in a header")
        return key

    @field_validator("notify_urls", mode="before")
    @classmethod
    def _split_at_spaces(cls, value: Any) -> Any:
        return value.split() if isinstance(value, str) else value

    @field_validator("notify_urls")
    @classmethod
    def _each_an_address(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        if not all("://" in url for url in urls):
            raise ValueError("not an address")
        return urls

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, url: str | None) -> str | None:
        if url is not None:
            mail_server(url)
        return url

    @field_validator("mail_from", "alert_to")
    @classmethod
    def _mail_addresses(cls, value: Any) -> Any:
        for one in value if isinstance(value, tuple) else (value,):
            if one is not None and not is_mail_address(one):
                raise ValueError("not a mail address")
        return value

    @field_validator("alert_webhook_url")
    @classmethod
    def _webhook(cls, url: str | None) -> str | None:
        if url is not None:
            parts = urlsplit(url)
            is_plain = url.isascii() and url.isprintable() and " " not in url
            if not is_plain or "@" in parts.netloc or parts.port == 0:
                raise ValueError("no plain web address")
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise ValueError("not a web address")
        return url

    @model_validator(mode="after")
    def _signs_what_it_sends(self) -> "Settings":
        if self.alert_webhook_url is not None and self.alert_webhook_secret is None:
            raise SettingsError(
                "ALERT_WEBHOOK_URL needs ALERT_WEBHOOK_SECRET, so that its receiver "
                f"knows who sent what. Set it to at least {MIN_API_KEY} characters "
                "that nobody can guess, the same as there."
            )
        return self

    @property
    def secrets_of_ways_out(self) -> list[str]:
        """What stands in addresses of alerts and must be in no log."""
        found = [*self.notify_urls]
        if self.smtp_url is not None:
            password = mail_server(self.smtp_url).password
            found += [self.smtp_url, password, quote(password, safe="")]
        if self.alert_webhook_url is not None:
            found.append(self.alert_webhook_url)
        if self.alert_webhook_secret is not None:
            found.append(self.alert_webhook_secret.get_secret_value())
        return [one for one in found if one]

    @property
    def broker(self) -> str:
        """Address of the broker.

        Raises:
            SettingsError: neither BROKER_URL nor REDIS_URL is set.
        """
        url = self.broker_url or self.redis_url
        if url is None:
            raise SettingsError(
                "REDIS_URL is not set. Set it to e.g. redis://127.0.0.1:6379/0, or "
                "start everything with `mailbeat up`, which brings a Redis of its own."
            )
        return url

    @property
    def secret_keys(self) -> list[str]:
        """The keys that encrypt stored passwords, the encrypting one first.

        Raises:
            SettingsError: none is set.
        """
        if not self.mailbeat_secret_keys:
            raise SettingsError(
                "MAILBEAT_SECRET_KEYS is not set. Set it to what "
                "`mailbeat secrets new` prints, the same for every process."
            )
        return [key.get_secret_value() for key in self.mailbeat_secret_keys]

    @property
    def llm_prices(self) -> Prices:
        return Prices(self.llm_price_in, self.llm_price_out, self.llm_currency)

    @property
    def llm(self) -> tuple[str, str, str] | None:
        """Address, model and key of what may be asked; None where nothing may."""
        if self.llm_base_url is None or self.llm_model is None:
            return None
        key = self.llm_api_key.get_secret_value() if self.llm_api_key else ""
        return self.llm_base_url, self.llm_model, key

    @property
    def oauth_credentials(self) -> dict[str, tuple[str, str]]:
        """Client id and secret, each may be empty, by the provider's name."""
        told = {
            "google": (self.google_client_id, self.google_client_secret),
            "microsoft": (self.microsoft_client_id, self.microsoft_client_secret),
        }
        return {
            name: (client_id or "", secret.get_secret_value() if secret else "")
            for name, (client_id, secret) in told.items()
        }


def load_settings(*, env_file: Path | None = None) -> Settings:
    """Read the environment, below it `env_file`.

    Raises:
        SettingsError: a value is wrong; the text has one line for each.
    """
    try:
        return Settings(_env_file=env_file)  # type: ignore[call-arg] # pydantic-settings takes it at run time only
    except ValidationError as error:
        raise SettingsError(_explain(error)) from None


def _explain(error: ValidationError) -> str:
    """One line for each wrong variable; never the value of a secret."""
    by_name = {str(f.validation_alias): f for f in Settings.model_fields.values()}
    lines: dict[str, str] = {}
    for problem in error.errors(include_url=False, include_context=False):
        name = str(problem["loc"][0]).upper()
        field = by_name[name]
        extra = field.json_schema_extra
        assert isinstance(extra, dict)  # noqa: S101 # _variable() sets it
        # An address may carry a password though the variable is not a secret one.
        shown = "" if extra["secret"] else f"={scrub(str(problem['input']))!r}"
        remedy = f"Set it to e.g. {extra['example']}" if extra["example"] else "Set it"
        unset = "" if field.default in (None, ()) else f" ({field.default})"
        lines[name] = (
            f"{name}{shown} is not {extra['accepts']}. "
            f"{remedy}, or unset it for the default{unset}."
        )
    return "\n".join(lines.values())
