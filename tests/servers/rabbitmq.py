"""A real RabbitMQ of the tests' own, that they may kill, pause and start again.

Nothing of it is shared with an installed one, nor reachable from elsewhere: it has its
own data, cookie and node name, its own port mapper (epmd), and listens on loopback.
"""

import os
import random
import shutil
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

import amqp

from tests.servers.certificates import Authority
from tests.waiting import wait_for

# Debian's program of that name starts the server as another user, in its own folders.
_SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
STARTS_WITHIN = 60.0  # seconds; alone on a machine it takes 6
STARTED = b" completed with "
LOOPBACK = "127.0.0.1"
ON_LOOPBACK = "-kernel inet_dist_use_interface {127,0,0,1}"


def find_rabbitmq() -> str | None:
    """Path of the server's program; None where it, or Erlang's, is not installed."""
    server = str(_SERVER) if _SERVER.exists() else shutil.which("rabbitmq-server")
    return server if shutil.which("epmd") else None


class RabbitMQServer:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port, self.tls_port, self._node_port, self._epmd_port = _ports(4)
        self._password = token_hex(16)
        self._process: subprocess.Popen[bytes] | None = None
        self._epmd: subprocess.Popen[bytes] | None = None
        self._prepare()

    @property
    def url(self) -> str:
        return f"amqp://mailbeat:{self._password}@{LOOPBACK}:{self.port}//"

    @property
    def encrypted_url(self) -> str:
        """With TLS; the client must trust `authority`."""
        return f"amqps://mailbeat:{self._password}@{LOOPBACK}:{self.tls_port}//"

    @property
    def authority(self) -> Path:
        return self._authority.certificate

    def start(self) -> None:
        """Start it with what it kept, unless it runs; return when it can be used."""
        if self._process is not None and self._process.poll() is None:
            return
        server = find_rabbitmq()
        assert server
        self._start_epmd()
        with (self.directory / "rabbitmq.log").open("wb") as log:
            self._process = subprocess.Popen(
                [server],
                cwd=self.directory,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait_until_started()

    def kill(self) -> None:
        process = self._running()
        process.kill()
        process.wait(5)

    def forget(self) -> None:
        """Delete what it kept; it must not run."""
        shutil.rmtree(self.directory / "data")

    def pause(self) -> None:
        """Make it hang: it accepts connections and never answers."""
        self._running().send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._running().send_signal(signal.SIGCONT)

    def empty(self) -> None:
        """Delete the queue of the runs, with what waits in it."""
        with amqp.Connection(**self._login()) as connection:
            connection.channel().queue_delete("celery")

    def waiting(self) -> list[amqp.Message]:
        """The messages in the queue of the runs; they stay there."""
        with amqp.Connection(**self._login()) as connection:
            channel = connection.channel()
            channel.queue_declare("celery", durable=True, auto_delete=False)
            found = list(iter(lambda: channel.basic_get("celery"), None))
            channel.basic_recover(requeue=True)
            return found

    def queues(self) -> dict[str, int]:
        """Names of all queues, with how many messages are in each."""
        program = Path(find_rabbitmq() or "").with_name("rabbitmqctl")
        done = subprocess.run(
            [program, "-q", "list_queues", "--no-table-headers", "name", "messages"],
            cwd=self.directory,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        lines = (line.split("\t") for line in done.stdout.splitlines())
        return {name: int(messages) for name, messages in lines}

    def stop(self) -> None:
        for process in (self._process, self._epmd):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait(5)

    def _prepare(self) -> None:
        home = self.directory / "home"
        home.mkdir()
        cookie = home / ".erlang.cookie"
        cookie.write_text(token_hex(16))
        cookie.chmod(0o400)
        self._authority = Authority(self.directory)
        own = self._authority.issue(LOOPBACK)
        (self.directory / "plugins").write_text("[].\n")
        (self.directory / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = {LOOPBACK}:{self.port}\n"
            f"listeners.ssl.1 = {LOOPBACK}:{self.tls_port}\n"
            f"ssl_options.certfile = {own.certificate}\n"
            f"ssl_options.keyfile = {own.key}\n"
            "ssl_options.verify = verify_none\n"
            "default_user = mailbeat\n"
            f"default_pass = {self._password}\n"
            "log.file = false\n"
            "log.console = true\n"
            "log.console.level = info\n"
        )
        (self.directory / "rabbitmq.conf").chmod(0o600)

    def _environment(self) -> dict[str, str]:
        folder = self.directory
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(folder / "home"),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "ERL_EPMD_PORT": str(self._epmd_port),
            "RABBITMQ_NODENAME": f"mailbeat-{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(self._node_port),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "none.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "data"),
            "RABBITMQ_SCHEMA_DIR": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"{ON_LOOPBACK} +S 2:2",
            "RABBITMQ_CTL_ERL_ARGS": ON_LOOPBACK,
            # The script then becomes the server, instead of waiting for a child: a
            # signal to it is one to the server.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def _start_epmd(self) -> None:
        """Erlang would start one that outlives us; this one is our child."""
        if self._epmd is None:
            self._epmd = subprocess.Popen(
                ["epmd", "-port", str(self._epmd_port), "-address", LOOPBACK],
                env={"PATH": os.environ["PATH"]},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def _wait_until_started(self) -> None:
        process, log = self._running(), self.directory / "rabbitmq.log"

        def has_started() -> bool:
            return STARTED in log.read_bytes()

        with suppress(AssertionError):
            wait_for(lambda: has_started() or process.poll() is not None, STARTS_WITHIN)
        if not has_started():
            self.stop()
            text = log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"RabbitMQ did not start: {text}")

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def _login(self) -> dict[str, object]:
        return {
            "host": f"{LOOPBACK}:{self.port}",
            "userid": "mailbeat",
            "password": self._password,
            "connect_timeout": 10,
            "read_timeout": 10,
        }


def _ports(number: int) -> list[int]:
    """Free ports of this machine that it gives to no client.

    Those that it does give out are no place for a server that is away for seconds: who
    keeps trying to connect to such a port gets connected to itself at last, and the
    server finds its port taken.
    """
    found: list[int] = []
    while len(found) < number:
        port = random.randint(15_000, 30_000)
        with suppress(OSError), socket.socket() as sock:
            sock.bind((LOOPBACK, port))
            found.append(port)
    return found
