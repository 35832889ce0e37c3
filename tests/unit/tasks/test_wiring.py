"""What a worker is made of."""

from cryptography.fernet import Fernet

from mailbeat.settings import Settings
from tasks.wiring import run_options


def test_the_options_of_a_run_come_from_the_settings():
    settings = Settings(  # type: ignore[call-arg] # pydantic reads the aliases
        BACKGROUND_SCAN_INTERVAL=60,
        BACKGROUND_PROCESS_HOURS=3,
        RUN_DEADLINE=90,
        IMAP_ALLOWED_NETWORKS="10.0.0.0/8",
        SUBJECT_DAYS=0,
        MICROSOFT_CLIENT_ID="an-id",
        MAILBEAT_SECRET_KEYS=Fernet.generate_key().decode(),
        LLM_BASE_URL="https://llm.example.org/v1",
        LLM_MODEL="m",
        LLM_DAILY_MESSAGES=7,
    )

    options = run_options(settings)

    assert (options.scan_interval, options.process_hours) == (60, 3)
    assert (options.deadline, options.subject_days) == (90, 0)
    assert list(options.oauth_clients) == ["microsoft"]
    assert options.llm.endpoint.model.url.startswith("https://llm.example.org/v1/")
    assert options.llm.daily_messages == 7
    assert [str(network) for network in options.allowed_networks] == ["10.0.0.0/8"]
