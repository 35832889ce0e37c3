"""What the environment may say, and what is answered when it is wrong."""

import pytest
from cryptography.fernet import Fernet

from mailbeat.settings import Settings, SettingsError, load_settings


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch):
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.validation_alias), raising=False)


def refusal(monkeypatch, **variables) -> str:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    return str(caught.value)


def test_everything_has_a_default():
    settings = load_settings()

    assert settings.database_url == "sqlite:///var/mailbeat.db"
    assert settings.background_scan_interval == 300


def test_an_empty_variable_is_an_unset_one(monkeypatch):
    monkeypatch.setenv("BACKGROUND_SCAN_INTERVAL", "")

    assert load_settings().background_scan_interval == 300


def test_a_wrong_value_is_named_with_what_is_accepted(monkeypatch):
    text = refusal(monkeypatch, BACKGROUND_SCAN_INTERVAL="five")

    assert text == (
        "BACKGROUND_SCAN_INTERVAL='five' is not a whole number of seconds, 2 to 86400. "
        "Set it to e.g. 300, or unset it for the default (300)."
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BACKGROUND_SCAN_INTERVAL", "0"),
        ("PORT", "70000"),
        ("IMAP_ALLOWED_NETWORKS", "10.0.0.0/8,everywhere"),
        ("DATABASE_URL", "mysql://127.0.0.1/mailbeat"),
        ("REDIS_URL", "http://127.0.0.1"),
        ("PUBLIC_URL", "mail.example.org"),
        ("ALLOWED_ORIGINS", "https://a.example,b.example"),
        ("LOG_LEVEL", "loud"),
        ("WORKER_CONCURRENCY", "many"),
    ],
)
def test_each_wrong_value_stops_the_start(monkeypatch, name, value):
    text = refusal(monkeypatch, **{name: value})

    assert text.startswith(name)
    assert "Set it to e.g." in text


def test_all_wrong_values_are_said_at_once(monkeypatch):
    text = refusal(monkeypatch, PORT="x", LOG_LEVEL="loud")

    assert len(text.splitlines()) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAILBEAT_API_KEY", "too short"),
        ("MAILBEAT_API_KEY", "aaaaaaaaaaaaaaaaaaaaaaaa"),
        ("MAILBEAT_API_KEY", "changeme-1234567890"),
        ("MAILBEAT_SECRET_KEYS", "not-a-fernet-key"),
        ("REDIS_URL", "ftp://user:hunter2@127.0.0.1"),
    ],
)
def test_a_wrong_secret_is_never_shown(monkeypatch, name, value):
    text = refusal(monkeypatch, **{name: value})

    assert text.startswith(f"{name} is not")
    assert value not in text


def test_a_password_in_an_address_is_never_shown(monkeypatch):
    text = refusal(monkeypatch, DATABASE_URL="mysql://mailbeat:hunter2@db/mailbeat")

    assert text.startswith("DATABASE_URL='mysql://mailbeat:***@db/mailbeat' is not")


@pytest.mark.parametrize(
    "url",
    ["postgres://u@h/d", "postgresql://u@h/d", "postgresql+psycopg://u@h/d"],
)
def test_every_spelling_of_postgresql_is_understood(monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)

    assert load_settings().database_url == "postgresql+psycopg://u@h/d"


def test_an_installation_is_registered_at_providers_or_not(monkeypatch):
    assert load_settings().oauth_credentials == {
        "google": ("", ""),
        "microsoft": ("", ""),
    }

    monkeypatch.setenv("GOOGLE_CLIENT_ID", "an-id")
    monkeypatch.setenv("GOOGLE_CLIENT_SECRET", "hunter2hunter2")

    settings = load_settings()
    assert settings.oauth_credentials["google"] == ("an-id", "hunter2hunter2")
    assert "hunter2" not in repr(settings)


def test_rabbitmq_is_a_broker_and_no_redis(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "amqp://127.0.0.1//")

    with pytest.raises(SettingsError, match=r"REDIS_URL is not a redis://"):
        load_settings()


def test_the_broker_is_redis_unless_another_is_named(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1/0")
    assert load_settings().broker == "redis://127.0.0.1/0"

    monkeypatch.setenv("BROKER_URL", "amqp://127.0.0.1//")
    assert load_settings().broker == "amqp://127.0.0.1//"


def test_a_missing_broker_says_what_to_do():
    with pytest.raises(SettingsError, match="mailbeat up"):
        _ = load_settings().broker


def test_missing_secret_keys_say_what_to_do():
    with pytest.raises(SettingsError, match="mailbeat secrets new"):
        _ = load_settings().secret_keys


def test_secret_keys_keep_their_order_and_stay_out_of_sight(monkeypatch):
    keys = [Fernet.generate_key().decode() for _ in range(2)]
    monkeypatch.setenv("MAILBEAT_SECRET_KEYS", ", ".join(keys))

    settings = load_settings()

    assert settings.secret_keys == keys
    assert keys[0] not in repr(settings)


def test_a_file_counts_less_than_the_environment(monkeypatch, tmp_path):
    file = tmp_path / ".env"
    file.write_text("PORT=8001\nLOG_LEVEL=debug\n")
    monkeypatch.setenv("PORT", "8002")

    settings = load_settings(env_file=file)

    assert (settings.port, settings.log_level) == (8002, "debug")


def test_allowed_networks_are_a_list_of_both_kinds(monkeypatch):
    monkeypatch.setenv("IMAP_ALLOWED_NETWORKS", "127.0.0.0/8, fd00::/8")

    networks = load_settings().imap_allowed_networks

    assert [str(network) for network in networks] == ["127.0.0.0/8", "fd00::/8"]


def test_a_model_needs_an_address_and_a_name(monkeypatch):
    monkeypatch.setenv("LLM_BASE_URL", "http://127.0.0.1:11434/v1")
    assert load_settings().llm is None

    monkeypatch.setenv("LLM_MODEL", "llama3.1:8b")
    assert load_settings().llm == ("http://127.0.0.1:11434/v1", "llama3.1:8b", "")

    monkeypatch.setenv("LLM_API_KEY", "hidden-key")
    settings = load_settings()
    assert settings.llm[2] == "hidden-key"
    assert "hidden-key" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LLM_BASE_URL", "127.0.0.1:11434"),
        ("LLM_BASE_URL", "ftp://llm.example"),
        ("LLM_BASE_URL", "https://ada:hunter2@llm.example/v1"),
        ("LLM_BASE_URL", "https://llm.example/v1?key=hunter2"),
        ("LLM_BASE_URL", "https://llm.example:99999/v1"),
        ("LLM_BASE_URL", "https://llm.example:0/v1"),
        ("LLM_BASE_URL", "https:///v1"),
        ("LLM_BASE_URL", "https://llm.example/v 1"),
        ("LLM_API_KEY", "hunter2\r\nHost: elsewhere"),
        ("LLM_API_KEY", "hunter2 "),
        ("LLM_MODEL", "two words"),
        ("LLM_DAILY_MESSAGES", "0"),
    ],
)
def test_a_wrong_model_stops_the_start(monkeypatch, name, value):
    text = refusal(monkeypatch, **{name: value})

    assert text.startswith(name)
    assert "hunter2" not in text
