"""The ways out that an installation has."""

from mailbeat.notify.channels import alert_channels, post_office

NONE = {
    "smtp_url": None,
    "sender": None,
    "to": (),
    "webhook_url": None,
    "webhook_secret": "",
    "notify_urls": (),
}


def test_without_settings_there_is_no_way_out():
    assert alert_channels(**NONE) == []
    assert post_office(None, None) is None


def test_each_setting_is_a_way_out():
    found = alert_channels(
        smtp_url="smtps://ada%40x.org:pw@mail.x.org",
        sender=None,
        to=("ops@x.org",),
        webhook_url="https://hooks.x.org/t",
        webhook_secret="s" * 16,
        notify_urls=("slack://a/b/c", "ntfy://x"),
    )

    assert [one.shown for one in found] == [
        "Mail to ops@x.org",
        "Webhook of hooks.x.org",
        "Apprise slack",
        "Apprise ntfy",
    ]
    assert len({one.key for one in found}) == 4
    assert found[0].sender == "ada@x.org"


def test_without_somebody_to_write_to_no_alert_is_mailed_but_letters_are():
    assert alert_channels(**NONE | {"smtp_url": "smtp://mail.x.org"}) == []
    assert post_office("smtp://mail.x.org", None).sender == "mailbeat@mail.x.org"
    assert post_office("smtp://mail.x.org", "me@x.org").sender == "me@x.org"
