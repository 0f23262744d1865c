"""Who waits for news, inside this process. Nothing is carried here: the rows are, the bell only rings.

A key is a session (its borrower), `conversation(id)` (its watchers at the desk) or `DESK` (everybody there).
Signs are what is gone as soon as it is seen, such as somebody typing: never stored, may be lost.
`bot.services.watch_redis` is the same over many processes.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

DESK = "desk"
MOST_SIGNS = 20  # kept for a waiter that is slow


def conversation(conversation_id: str) -> str:
    return f"conversation {conversation_id}"


class Bell(asyncio.Event):
    """Set at every ring; `signs` are what was shown meanwhile, `rung` the keys that rang.

    Args:
        sees: whether signs wake it, too.
    """

    def __init__(self, *, sees: bool = True) -> None:
        super().__init__()
        self.sees = sees
        self.signs: list[Mapping[str, Any]] = []
        self.rung: set[str] = set()

    def take_rung(self) -> set[str]:
        taken, self.rung = self.rung, set()
        return taken

    def take_signs(self) -> list[Mapping[str, Any]]:
        taken, self.signs = self.signs, []
        return taken


class Bells:
    """One set of waiters a key; a ring wakes all of them."""

    def __init__(self) -> None:
        self._waiters: dict[str, set[Bell]] = defaultdict(set)

    async def start(self) -> None:
        """Nothing to connect inside one process."""

    async def stop(self) -> None:
        return

    def listen(self, key: str, bell: Bell | None = None) -> Bell:
        """An event that is set at every ring; clear it before looking, give it back with `forget`. One may hear many keys."""
        bell = bell or Bell()
        self._waiters[key].add(bell)
        return bell

    def forget(self, key: str, bell: Bell) -> None:
        waiters = self._waiters.get(key)
        if waiters is None:
            return
        waiters.discard(bell)
        if not waiters:
            del self._waiters[key]

    def ring(self, key: str) -> None:
        self._ring(key)

    def show(self, key: str, sign: Mapping[str, Any]) -> None:
        """Wake whoever sees signs; nothing has changed in the rows."""
        self._ring(key, sign)

    def ring_all(self) -> None:
        for key in list(self._waiters):
            self._ring(key)

    def _ring(self, key: str, sign: Mapping[str, Any] | None = None) -> None:
        for bell in self._waiters.get(key, ()):
            if sign is None:
                bell.rung.add(key)
            elif not bell.sees:
                continue
            elif len(bell.signs) < MOST_SIGNS:
                bell.signs.append(sign)
            bell.set()
