"""A Dovecot of the tests' own: the truth about IMAP, TLS and odd mail.

Its configuration is for 2.3, the version of Debian 12. It runs on loopback, out of one
directory, as the user who runs the tests; if that is root, its login processes run as
the package's own users, for Dovecot insists on it.
"""

import grp
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from imapclient import IMAPClient

from mailbeat.mail.mailbox import Login, Security
from tests.servers import process
from tests.servers.certificates import Certificate
from tests.servers.imap import LOOPBACK

PROGRAM = "/usr/sbin/dovecot"

CONFIG = """
base_dir = {directory}/run
state_dir = {directory}/state
log_path = {directory}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login_user}
first_valid_uid = 0
first_valid_gid = 0
mail_location = sdbox:{directory}/mail/%u
mail_fsync = never
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_failure_delay = 0
auth_mechanisms = plain login
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {directory}/users/%d
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={directory}/home/%u
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain_port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
}}
"""


class DovecotServer:
    """`capability` is what it says that it offers, in place of what it does.

    Names of folders begin with `root`, and nest by its last character.
    """

    host = "127.0.0.1"

    def __init__(
        self,
        certificate: Certificate,
        *,
        capability: str = "",
        root: str = "",
    ) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.directory.chmod(0o755)  # its login processes look for sockets inside
        self.port = process.free_port()
        self.tls_port = process.free_port()
        self.passwords: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None
        # Dovecot opens no mailbox as root, and lets root's login processes not be root.
        is_root = os.getuid() == 0
        owner = pwd.getpwnam("dovecot") if is_root else pwd.getpwuid(os.getuid())
        for name in ("mail", "home", "users"):
            (self.directory / name).mkdir()
            os.chown(self.directory / name, owner.pw_uid, owner.pw_gid)
        config = CONFIG.format(
            directory=self.directory,
            user=owner.pw_name,
            group=grp.getgrgid(owner.pw_gid).gr_name,
            login_user="dovenull" if is_root else owner.pw_name,
            uid=owner.pw_uid,
            gid=owner.pw_gid,
            certificate=certificate.certificate,
            key=certificate.key,
            plain_port=self.port,
            tls_port=self.tls_port,
        )
        if capability:
            config += f"protocol imap {{\n  imap_capability = {capability}\n}}\n"
        if root:
            config += (
                f"namespace inbox {{\n  prefix = {root}\n  separator = {root[-1]}\n}}\n"
            )
        (self.directory / "dovecot.conf").write_text(config)

    @staticmethod
    def is_installed() -> bool:
        return shutil.which(PROGRAM) is not None

    def start(self) -> None:
        command = [PROGRAM, "-F", "-c", str(self.directory / "dovecot.conf")]
        self._process = process.start(command, self.port)

    def stop(self) -> None:
        if self._process is not None:
            process.stop(self._process)
        shutil.rmtree(self.directory, ignore_errors=True)

    def add_user(self, address: str, password: str = "a password") -> None:
        """Add a user, each of a domain of its own.

        There is one file for each domain; a changed one would be seen a second later.
        """
        self.passwords[address] = password
        users = self.directory / "users" / address.partition("@")[2]
        with users.open("x", encoding="utf-8") as file:
            file.write(f"{address}:{{PLAIN}}{password}\n")

    def login(
        self,
        address: str,
        *,
        password: str | None = None,
        security: Security = Security.NONE,
    ) -> Login:
        login = Login(
            host=self.host,
            port=self.tls_port if security is Security.TLS else self.port,
            security=security,
            username=address,
            password=self.passwords[address] if password is None else password,
            allowed_networks=LOOPBACK,
        )
        # The certificate is for a name, and TLS checks it.
        return login if security is Security.NONE else replace(login, host="localhost")

    def append(
        self, address: str, *messages: bytes, received_at: datetime | None = None
    ) -> None:
        """Deliver messages to a user's INBOX."""
        when = received_at or datetime.now(UTC)
        with self.client(address) as client:
            for message in messages:
                client.append("INBOX", message, msg_time=when)

    @contextmanager
    def client(self, address: str) -> Iterator[IMAPClient]:
        with IMAPClient(self.host, port=self.port, ssl=False, timeout=10) as client:
            client.plain_login(address, self.passwords[address])
            yield client
