"""What the API answers about alerts is as it is described."""

from mailbeat.db.models import Alert, Delivery, Silence
from tests.factories import NOW
from webapp.api import alert_shapes as shapes


def test_an_alert_a_silence_and_a_delivery_are_as_described():
    alert = Alert(id=1, rule="no_beat", subject="", detail="d", count=2, opened_at=NOW)
    silence = Silence(
        id=1, rule="no_beat", subject=None, until=NOW, created_at=NOW, created_by="me"
    )
    delivery = Delivery(
        id=1,
        message_id="m",
        kind="alert",
        channel="email",
        shown="Mail to ops@x.org",
        title="t",
        state="waiting",
        attempts=0,
        created_at=NOW,
        next_try_at=NOW,
    )

    told = shapes.AlertTold.model_validate(shapes.alert_json(alert, [silence]))
    assert told.silenced
    shapes.SilenceTold.model_validate(shapes.silence_json(silence))
    assert shapes.DeliveryTold.model_validate(
        shapes.delivery_json(delivery)
    ).next_try_at
    delivery.state = "sent"
    assert shapes.delivery_json(delivery)["next_try_at"] is None
