"""`python -m tests.servers.gmail --port 1143 --user ada:secret --mail directory`."""

import argparse
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.servers.certificates import Authority, Certificate
from tests.servers.gmail import Dialect, GmailServer


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.servers.gmail")
    parser.add_argument("--port", type=int, default=1143)
    parser.add_argument("--user", action="append", help="NAME:PASSWORD", default=[])
    parser.add_argument("--token", action="append", help="NAME:TOKEN", default=[])
    parser.add_argument("--mail", type=Path, help="directory with .eml files")
    parser.add_argument("--messages", type=int, default=0, help="how many to make up")
    parser.add_argument("--tls", type=Path, help="write certificates here, serve TLS")
    parser.add_argument("--interleaved", action="store_true")
    parser.add_argument("--without", action="append", default=[], help="a capability")
    arguments = parser.parse_args()
    dialect = Dialect(interleaves=arguments.interleaved).without(*arguments.without)
    server = GmailServer(
        certificate=_certificate(arguments.tls), dialect=dialect, port=arguments.port
    )
    for pair in arguments.user or ["demo:demo"]:
        name, _, password = pair.partition(":")
        server.add_user(name, password)
        _fill(server, name, arguments)
    for pair in arguments.token:
        name, _, token = pair.partition(":")
        server.users[name].tokens.add(token)
    server.start()
    sys.stdout.write(f"IMAP on {server.host}:{server.port}")
    sys.stdout.write(f", TLS on {server.tls_port}\n" if arguments.tls else "\n")
    sys.stdout.flush()
    signal.sigwait({signal.SIGINT, signal.SIGTERM})
    server.stop()


def _certificate(directory: Path | None) -> Certificate | None:
    if directory is None:
        return None
    directory.mkdir(parents=True, exist_ok=True)
    return Authority(directory).issue("localhost")


def _fill(server: GmailServer, name: str, arguments: argparse.Namespace) -> None:
    now = datetime.now(UTC)
    files = sorted(arguments.mail.glob("*.eml")) if arguments.mail else []
    server.append(name, *(file.read_bytes() for file in files))
    for number in range(arguments.messages):
        raw = (
            f"From: Shop <shop@example.org>\r\nSubject: Your order #{number}\r\n"
            f"Message-ID: <{number}@example.org>\r\n\r\nThank you.\r\n"
        ).encode()
        server.append(name, raw, received_at=now - timedelta(minutes=number))


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    main()
