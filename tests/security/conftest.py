"""The app, and a running web, as the tests of both already have them."""

from tests.integration.web.conftest import (  # noqa: F401 # fixtures
    _dashboard,
    dashboard,
    listen,
    make_dashboard,
    new_key,
    worker,
)
from tests.unit.webapp.conftest import (  # noqa: F401 # fixtures
    add,
    admin,
    admin_with,
    app,
    browser,
    make_app,
    nobody,
    now,
    with_scope,
)
from tests.unit.webapp.live.test_socket import knock, ticket  # noqa: F401 # fixtures
