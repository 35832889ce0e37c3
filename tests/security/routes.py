"""All routes of the app, so that a check also holds for one that is added tomorrow."""

import re

# Everybody may sign in, and out: this browser, and others that came with the same key.
# And everybody has a language and a clock.
SIGN_IN = {
    "/login",
    "/logout",
    "/settings/language",
    "/api/ws-ticket",
    "/ws/status",
    "/unsubscribe/<token>",  # by the token of a digest, which ends that digest
    "/settings/sessions/<int(max=2147483647):session_id>/end",
    "/settings/sessions/end-others",
    "/settings/zone",
}


def routes(app, *, changing):
    """Method and a path of each route that changes something, or of each that reads."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/static") or rule.rule in SIGN_IN:
            continue
        path = re.sub(r"<int[^>]*>", "1", rule.rule)
        path = re.sub(r"<[^>]*>", "a-run", path)
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            if (method != "GET") == changing:
                yield method, path
