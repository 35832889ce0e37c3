"""A TCP proxy before a server, with a gate that stops the answers."""

import socket
import threading


class Gate:
    """Forwards to `port`; while closed, what the server says is held back."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._open = threading.Event()
        self._open.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._sockets: list[socket.socket] = []
        self.passed = 0  # bytes of answers
        self.stop_after: int | None = None  # close by itself after so many bytes
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._open.clear()

    def open(self) -> None:
        self.stop_after = None
        self._open.set()

    @property
    def is_holding(self) -> bool:
        return not self._open.is_set()

    def end(self) -> None:
        """Cut every connection."""
        self.open()
        self._listener.close()
        for sock in self._sockets:
            sock.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                return
            self._sockets += [client, server]
            for source, target, gated in (
                (client, server, False),
                (server, client, True),
            ):
                threading.Thread(
                    target=self._pump, args=(source, target, gated), daemon=True
                ).start()

    def _pump(self, source: socket.socket, target: socket.socket, gated: bool) -> None:  # noqa: FBT001 # a thread's argument
        try:
            while data := source.recv(4096):
                if gated:
                    self.passed += len(data)
                    if self.stop_after is not None and self.passed > self.stop_after:
                        self.close()
                    self._open.wait()
                target.sendall(data)
        except OSError:
            return
        finally:
            for sock in (source, target):
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue
