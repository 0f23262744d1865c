"""A small network between browser and server that can break: gone, frozen, or refusing some addresses."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

from tests.processes import free_port

CHUNK = 65536
METHODS = (b"GET ", b"POST ")


class Proxy:
    """Listens on its own port and hands bytes to `target_port`. Faults are attributes, changed while it runs."""

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.up = True
        self.refused: tuple[bytes, ...] = ()  # beginnings of paths whose connection is cut
        self.seen: list[bytes] = []  # request lines, in order
        self._flowing = threading.Event()
        self._flowing.set()
        self._pairs: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", free_port()))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def drop(self) -> None:
        """Cut every connection there is."""
        for one in list(self._pairs):
            _close(one)
        self._pairs.clear()

    def down(self) -> None:
        self.up = False
        self.drop()

    def freeze(self) -> None:
        """Bytes are taken and go nowhere."""
        self._flowing.clear()

    def thaw(self) -> None:
        self._flowing.set()

    def close(self) -> None:
        self.thaw()
        self._listener.close()
        self.drop()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if not self.up:
                _close(client)
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self.target_port), timeout=5)
            except OSError:
                _close(client)
                continue
            server.settimeout(None)
            self._pairs |= {client, server}
            threading.Thread(target=self._pump, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, False), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, asks: bool) -> None:
        with suppress(OSError):
            while chunk := source.recv(CHUNK):
                self._flowing.wait()
                if asks and chunk.startswith(METHODS):
                    line = chunk.split(b"\r\n", 1)[0]
                    self.seen.append(line)
                    if line.split(b" ")[1].startswith(self.refused or (b"\0",)):
                        break
                sink.sendall(chunk)
        _close(source)
        _close(sink)


def _close(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        one.close()
