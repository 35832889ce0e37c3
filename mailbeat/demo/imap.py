"""`python -m mailbeat.demo.imap --dir D --port P`: the demo's mail server.

It is pymap, the IMAP server, on the loopback, with three things added: keywords stick,
messages with their UIDs and flags survive a restart, and each answer takes a moment, as
it does from a server on the internet. New mail keeps arriving.

Only the INBOX is kept; other folders last as long as the process.
"""

import argparse
import asyncio
import signal
from contextlib import AsyncExitStack, closing
from pathlib import Path

from proxyprotocol.reader import ProxyProtocolReader
from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import Config, DictBackend
from pymap.backend.dict.filter import FilterSet
from pymap.context import connection_exit
from pymap.imap import IMAPConnection, IMAPServer, IMAPService
from pymap.imap.state import ConnectionState
from pymap.interfaces.login import LoginInterface
from pymap.parsing.command import Command
from pymap.user import Passwords, UserMetadata
from pysasl.hashing import BuiltinHash

from mailbeat.demo.feed import feed
from mailbeat.demo.logins import read_logins
from mailbeat.demo.mail_file import mail_file
from mailbeat.demo.ports import LOOPBACK
from mailbeat.demo.stored_mailbox import StoredMailbox, StoredMailboxSet

LATENCY = 0.02  # seconds


class SlowConnection(IMAPConnection):
    __slots__ = ["latency"]

    latency: float

    async def read_command(self, state: ConnectionState) -> Command:
        command = await super().read_command(state)
        await asyncio.sleep(self.latency)
        return command


class SlowServer(IMAPServer):
    __slots__ = ["latency"]

    def __init__(self, login: LoginInterface, config: Config, latency: float) -> None:
        super().__init__(login, config)
        self.latency = latency

    async def __call__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        sock_info: SocketInfo,
    ) -> None:
        connection = SlowConnection(
            self.commands, self._config, reader, writer, sock_info
        )
        connection.latency = self.latency
        state = ConnectionState(self._login, self._config)
        async with AsyncExitStack() as stack:
            connection_exit.set(stack)
            stack.enter_context(closing(connection))
            await connection.run(state)


async def serve(directory: Path, *, port: int, latency: float, feeds: bool) -> None:
    """Serve until SIGTERM or SIGINT."""
    backend, config = await _backend()
    file = mail_file(directory)
    inboxes: dict[str, StoredMailbox] = {}
    for login in read_logins(directory):
        mailboxes = StoredMailboxSet(file, login.address)
        inboxes[login.address] = mailboxes.inbox
        config.set_cache[login.address] = (mailboxes, FilterSet())
        hashed = await Passwords(config).hash_password(login.password)
        backend.login.users_dict[login.address] = UserMetadata(
            config, login.address, password=hashed
        )
    server = SlowServer(backend.login, config, latency)

    answer = ProxyProtocolReader(config.proxy_protocol).get_callback(server)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    listener = await asyncio.start_server(answer, LOOPBACK, port)
    arrivals = asyncio.create_task(feed(inboxes)) if feeds else None
    await stopped.wait()
    if arrivals is not None:
        arrivals.cancel()
    listener.close()
    file.close()


async def _backend() -> tuple[DictBackend, Config]:
    parser = argparse.ArgumentParser()
    DictBackend.add_subparser("dict", parser.add_subparsers(dest="backend"))
    IMAPService.add_arguments(parser)
    parser.set_defaults(debug=False, passlib_cfg=None)
    args = parser.parse_args(["--no-tls", "dict"])
    # The passwords are random, long, and in a file beside us: one round of the hash is
    # enough. A refused login waits a moment, as everywhere.
    backend, config = await DictBackend.init(
        args, invalid_user_sleep=0.3, hash_context=BuiltinHash(rounds=1)
    )
    backend.login.users_dict.clear()
    config.apply_context()
    return backend, config


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m mailbeat.demo.imap")
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument(
        "--latency", type=float, default=LATENCY, help="seconds before each answer"
    )
    parser.add_argument("--no-feed", action="store_true", help="no new mail arrives")
    args = parser.parse_args()
    asyncio.run(
        serve(args.dir, port=args.port, latency=args.latency, feeds=not args.no_feed),
    )


if __name__ == "__main__":
    main()
