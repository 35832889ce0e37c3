r"""An IMAP server that speaks as Gmail does, with every fault a test wants.

Written from the RFCs and from Google's description of its extensions; it shares no code
with the client. Messages live once, with an X-GM-MSGID; folders are labels, and a
message that comes back to one gets a new UID. Threads and blocking sockets, one each
for a connection: at most 15 a user, as at Gmail.

    with GmailServer() as server:
        server.add_user("ada@example.org")
        server.append("ada@example.org", raw)
        server.rule("UID STORE", after=3, do=No("[CANNOT] Label is not allowed"))

`python -m tests.servers.gmail --port 1143` runs it as a process of its own.
"""

from tests.servers.gmail.server import Dialect, GmailServer

__all__ = ["Dialect", "GmailServer"]
