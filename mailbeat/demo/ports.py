"""Ports of this machine: which are free, and who listens."""

import socket

LOOPBACK = "127.0.0.1"


class PortTaken(Exception):
    pass


def is_free(port: int, host: str = LOOPBACK) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as sock:
        # As the servers do: a port in TIME_WAIT is free.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
        except OSError:
            return False
    return True


def require_free(port: int, host: str = LOOPBACK) -> None:
    """Do nothing when `port` is free.

    Raises:
        PortTaken: another program listens there, or we may not.
    """
    if not is_free(port, host):
        raise PortTaken(
            f"Port {port} of {host} is taken by another program (or not allowed to "
            "you). Stop it, or choose another port, e.g. --port 8123."
        )


def choose_port(preferred: int | None = None) -> int:
    """Return `preferred` when it is free, else any free port of the loopback."""
    if preferred is not None and is_free(preferred):
        return preferred
    with socket.socket() as sock:
        sock.bind((LOOPBACK, 0))
        return int(sock.getsockname()[1])


def accepts(port: int, host: str = LOOPBACK) -> bool:
    """Whether somebody listens on `port`."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False
