"""Asking a server on its Unix socket whether it takes connections, without a database driver.

The launcher only uses the standard library, so that it can start a server for any driver.
"""

import socket
import struct
from pathlib import Path

_PROTOCOL_3 = 3 << 16
_TERMINATE = b"X" + struct.pack("!I", 4)
# "Too many connections": full, but up and well.
_FULL = b"C53300\0"
_SECONDS = 2.0


def accepts_connections(socket_file: Path, user: str, database: str) -> bool:
    """Whether a server behind `socket_file` lets `user` into `database` now.

    False while it starts, recovers or shuts down (it then refuses with "cannot connect now"), and when nothing listens.
    """
    parameters = f"user\0{user}\0database\0{database}\0\0".encode()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_SECONDS)
        try:
            connection.connect(str(socket_file))
            connection.sendall(struct.pack("!II", 8 + len(parameters), _PROTOCOL_3) + parameters)
            return _is_welcome(connection)
        except OSError:
            return False


def _is_welcome(connection: socket.socket) -> bool:
    while True:
        kind, body = _message(connection)
        if kind == b"Z":  # Ready for a query. Leave politely, or the server logs a lost connection.
            connection.sendall(_TERMINATE)
            return True
        if kind == b"E":
            return _FULL in body
        if kind == b"R" and body != b"\0\0\0\0":  # It asks for a password: someone changed pg_hba.conf, but it is up.
            return True
        if not kind:
            return False


def _message(connection: socket.socket) -> tuple[bytes, bytes]:
    """Kind and body of the next message; an empty kind when the server hung up."""
    header = _exactly(connection, 5)
    if len(header) < 5:
        return b"", b""
    return header[:1], _exactly(connection, struct.unpack("!I", header[1:])[0] - 4)


def _exactly(connection: socket.socket, size: int) -> bytes:
    received = bytearray()
    while len(received) < size:
        chunk = connection.recv(size - len(received))
        if not chunk:
            break
        received += chunk
    return bytes(received)
