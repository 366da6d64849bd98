"""A way to one checked address for a client that would look its name up again.

pyarrow resolves the name of an S3 endpoint by itself, so a name server could answer
otherwise than it did when the address was checked. Its requests go through a proxy of
this process that leads to the checked address and nowhere else; TLS is between the
client and the server, by name, as without it.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

CONNECT_SECONDS = 5
PIECE = 64 * 1024
MOST_HEAD = 64 * 1024
TUNNEL = b"HTTP/1.1 200 Connection established\r\n\r\n"


@contextmanager
def way_to(address: str, port: int) -> Iterator[int]:
    """Yield the port of a proxy on this machine all of whose ways lead to one address."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        threading.Thread(
            target=_serve, args=(listening, (address, port)), daemon=True
        ).start()
        yield listening.getsockname()[1]


def _serve(listening: socket.socket, there: tuple[str, int]) -> None:
    with suppress(OSError):  # it is closed at the end
        while True:
            client, _place = listening.accept()
            threading.Thread(target=_lead, args=(client, there), daemon=True).start()


def _lead(client: socket.socket, there: tuple[str, int]) -> None:
    with closing(client), suppress(OSError):
        head = _head(client)
        with closing(socket.create_connection(there, CONNECT_SECONDS)) as server:
            server.settimeout(None)
            if head.startswith(b"CONNECT "):
                client.sendall(TUNNEL)
            else:
                server.sendall(head)
            back = threading.Thread(target=_pump, args=(server, client), daemon=True)
            back.start()
            _pump(client, server)
            back.join()


def _head(client: socket.socket) -> bytes:
    """Return what a request begins with, at least to the end of its headers."""
    head = b""
    while b"\r\n\r\n" not in head and len(head) < MOST_HEAD:
        piece = client.recv(PIECE)
        if not piece:
            break
        head += piece
    return head


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(PIECE):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
