"""How long PostgreSQL may take before it counts as away.

The server ends slow statements and lock waits by itself; a server that says nothing at all (frozen, unplugged)
is noticed by this end, because psycopg2 is told to wait through `_wait` instead of inside libpq.
"""

from __future__ import annotations

import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from psycopg2 import extensions

STATEMENT_MS = 5_000
LOCK_MS = 4_000
SILENCE_S = 6.0  # a little more than the server's own limit, so that its answer comes first
CONNECT_S = 4.0


class LimitedConnection(extensions.connection):  # type: ignore[misc]
    """A connection whose server must answer in time. Others, of migrations or of other programs' parts, may wait."""


def connect_args(*, patient: bool) -> dict[str, Any]:
    """Arguments of `psycopg2.connect`. Has psycopg2 wait through `_wait` from now on, in the whole process."""
    extensions.set_wait_callback(_wait)
    if patient:
        return {}
    limits = f"-c statement_timeout={STATEMENT_MS} -c lock_timeout={LOCK_MS}"
    return {"connection_factory": LimitedConnection, "options": limits}


def _wait(connection: extensions.connection) -> None:
    """Drive one operation of `connection` to its end.

    Raises:
        psycopg2.OperationalError: the server was silent for too long; psycopg2 closes the connection.
    """
    connecting = connection.status == extensions.STATUS_SETUP
    limit = CONNECT_S if connecting else SILENCE_S
    forever = not connecting and not isinstance(connection, LimitedConnection)
    deadline = time.monotonic() + limit
    while True:
        state = connection.poll()
        if state == extensions.POLL_OK:
            return
        left = None if forever else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise psycopg2.OperationalError(f"the database has not answered for {limit:.0f} s")
        ready = select.poll()  # not select(): a busy server holds more than 1,024 descriptors
        ready.register(connection.fileno(), select.POLLIN if state == extensions.POLL_READ else select.POLLOUT)
        ready.poll(None if left is None else left * 1000)


@contextmanager
def inside_libpq() -> Iterator[None]:
    """Wait the ordinary way, without limits: for COPY, in a command that does nothing else meanwhile."""
    extensions.set_wait_callback(None)
    try:
        yield
    finally:
        extensions.set_wait_callback(_wait)
