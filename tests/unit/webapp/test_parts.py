"""The parts belong to an app, not to the process."""

from webapp.parts import parts, parts_of


def test_each_app_has_parts_of_its_own(make_app):
    one, other = make_app(), make_app(ws_max_clients="3")

    assert parts_of(one) is not parts_of(other)
    assert parts_of(other).settings.ws_max_clients == 3


def test_a_request_sees_the_parts_of_its_app(app):
    with app.app_context():
        assert parts() is parts_of(app)
