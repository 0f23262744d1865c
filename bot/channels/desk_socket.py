"""The desk's WebSocket: the inbox as it changes, watched conversations by seq, who else is there, typing. See docs/desk.md.

As in the widget's, the rows are the truth and a bell makes the connection look: what was sent is a cursor a conversation,
so a break loses and doubles nothing. Writing goes over HTTP, where every request has an answer.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import Any
from urllib.parse import urlsplit

import orjson
from sanic import Blueprint
from sanic.request import Request
from websockets.exceptions import ConnectionClosed

from bot.channels import bodies
from bot.channels.bodies import Field
from bot.channels.desk import LONGEST_ID, READING, SERVING
from bot.channels.desk_auth import COOKIE
from bot.errors import BadInput, DaihouError, Forbidden, NotAllowed, StoreUnavailable
from bot.services import logs, web_view
from bot.services.desk import inbox
from bot.services.watch import DESK, Bell
from bot.services.watch import conversation as bell_of

LOOK_SECONDS = 15.0  # also without a ring: another process may have been unable to ring
INBOX_EVERY = 0.6  # seconds between two inboxes of one page at least; messages do not wait for it
LINES = 25  # so many open pages double it
MOST_WATCHED = 20
FRAMES: dict[str, dict[str, Field]] = {
    "hello": {},
    "watch": {"conversation": Field(str, required=True, longest=LONGEST_ID, plain=True), "after": Field(int)},
    "unwatch": {"conversation": Field(str, required=True, longest=LONGEST_ID, plain=True)},
    "ping": {},
}
desk_socket = Blueprint("desk_socket")


@desk_socket.websocket("/desk/ws")
async def connect(request: Request, ws: Any) -> None:
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        await ws.close(code=4403)
        return
    try:
        await Line(request, ws).run()
    except (ConnectionClosed, asyncio.TimeoutError):
        return
    except asyncio.CancelledError:
        raise
    except (NotAllowed, Forbidden):
        await ws.close(code=4401)
    except Exception as error:  # noqa: BLE001 - one broken connection must not be louder than its log line
        logs.failure("desk socket failed", error)


class SharedBoard:
    """The board for all open lines of this process: whoever looks at the same time shares one reading.

    `lines` is how many are open: the more, the longer each waits between two inboxes.
    """

    def __init__(self, talk: Any) -> None:
        self._talk = talk
        self._lock = asyncio.Lock()
        self._begun, self._board = -1.0, None
        self.lines = 0

    async def now(self) -> Any:
        """A board whose reading began after this was called: no ring is missed."""
        called = time.monotonic()
        async with self._lock:
            if self._begun < called:
                begun, services = time.monotonic(), self._talk.services
                self._board = await self._talk.work.read(lambda c: inbox.board(c, services.desk, services.clock.now()))
                self._begun = begun
            return self._board

    @property
    def pause(self) -> float:
        return INBOX_EVERY * (1 + self.lines / LINES)


class Line:
    """One open page of one member of staff. `_after` holds the last seq sent of each watched conversation."""

    def __init__(self, request: Request, ws: Any) -> None:
        self._request, self._ws = request, ws
        self._services, self._talk = request.app.ctx.services, request.app.ctx.talk
        self._after: dict[str, int] = {}
        self._marks: dict[str, Any] = {}  # owner, epoch and notes last sent
        self._mine: set[str] = set()
        self._inbox_bell, self._talk_bell = Bell(sees=False), Bell()
        self._last_inbox = b""
        self._board: SharedBoard = request.app.ctx.board

    async def run(self) -> None:
        self._entry = await self._who()
        if self._entry.actor.role not in READING:
            raise Forbidden("no conversations for this role", code="role")
        await self._beat()
        bells = self._talk.bells
        bells.listen(DESK, self._inbox_bell)
        self._board.lines += 1
        tasks = [asyncio.create_task(job) for job in (self._read(), self._push_inbox(), self._push_talk(), self._end())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            self._board.lines -= 1
            bells.forget(DESK, self._inbox_bell)
            for key in self._mine:
                bells.forget(bell_of(key), self._inbox_bell)
            for key in self._after:
                bells.forget(bell_of(key), self._talk_bell)
        for result in results:
            if isinstance(result, Exception):
                raise result
        await self._ws.close(code=1012 if self._talk.stopping else 1000)

    async def _who(self) -> Any:
        accounts, wall = self._services.desk.accounts, self._services.wall.now()
        cookie = self._request.cookies.get(COOKIE) or ""
        return await asyncio.to_thread(accounts.read, cookie, wall, touch=False)

    async def _end(self) -> None:
        """A login that ends takes the page with it."""
        while not self._talk.stopping:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._who()
            except StoreUnavailable:
                continue

    # -- in

    async def _read(self) -> None:
        while True:
            raw = await self._ws.recv()
            if raw is None:
                return
            try:
                body = orjson.loads(raw)
                kind = body.pop("type", None) if isinstance(body, dict) else None
                if kind not in FRAMES:
                    raise BadInput("unknown frame", code="bad_frame")
                await self._carry_out(kind, bodies.check(body, FRAMES[kind]))
            except orjson.JSONDecodeError:
                await self._send({"type": "refused", "code": "bad_frame", "message": "a frame is a JSON object"})
            except DaihouError as error:
                await self._send({"type": "refused", "code": error.code, "message": str(error)})

    async def _carry_out(self, kind: str, body: dict[str, Any]) -> None:
        if kind == "hello":
            self._last_inbox = b""
            self._inbox_bell.set()
        elif kind == "ping":
            await self._beat()
            await self._send({"type": "pong"})
            for key in self._after:
                self._talk.bells.show(bell_of(key), {"viewing": self._entry.actor.staff_id, "name": self._entry.name})
        elif kind == "watch":
            await self._watch(body["conversation"], max(0, body.get("after") or 0))
        else:
            self._after.pop(body["conversation"], None)
            self._marks.pop(body["conversation"], None)
            self._talk.bells.forget(bell_of(body["conversation"]), self._talk_bell)

    async def _watch(self, key: str, after: int) -> None:
        agents, actor = self._services.desk.agents, self._entry.actor
        await self._talk.work.read(lambda c: agents.may_see(c, actor, key))
        if len(self._after) >= MOST_WATCHED and key not in self._after:
            raise BadInput(f"at most {MOST_WATCHED} conversations at once", code="too_many")
        self._after[key] = after
        self._marks.pop(key, None)
        self._talk.bells.listen(bell_of(key), self._talk_bell)
        self._talk.bells.show(bell_of(key), {"viewing": actor.staff_id, "name": self._entry.name})
        self._talk_bell.set()

    async def _beat(self) -> None:
        """A sign of life. Whoever was counted as gone is told: their conversations may be somebody else's now."""
        if self._entry.actor.role not in SERVING:
            return
        agents, wall = self._services.desk.agents, self._services.wall.now()
        staff_id = self._entry.actor.staff_id
        if not await self._talk.work.write(lambda c: agents.beat(c, staff_id, wall)):
            await self._send({"type": "offline"})

    # -- out

    async def _push_inbox(self) -> None:
        while not self._talk.stopping:
            self._inbox_bell.clear()
            started = time.monotonic()
            try:
                await self._show_inbox()
            except StoreUnavailable:
                logs.event("desk socket waits for the store", level="warning")
            await asyncio.sleep(max(0.05, self._board.pause - (time.monotonic() - started)))
            await _ring_or_time(
                self._inbox_bell
            )  # how soon is different for each page: they shall not all look at once

    async def _show_inbox(self) -> None:
        services, actor = self._services, self._entry.actor
        shared = await self._board.now()
        shown = await self._talk.work.read(lambda c: inbox.of(c, services.desk, actor, services.clock.now(), shared))
        mine = {one["conversation_id"] for one in shown["mine"]}
        for key in mine - self._mine:
            self._talk.bells.listen(bell_of(key), self._inbox_bell)
        for key in self._mine - mine:
            self._talk.bells.forget(bell_of(key), self._inbox_bell)
        self._mine = mine
        mark = orjson.dumps({key: value for key, value in shown.items() if key != "now"})
        if mark != self._last_inbox:
            self._last_inbox = mark
            await self._send({"type": "inbox", "inbox": shown})

    async def _push_talk(self) -> None:
        rung: set[str] | None = None  # None: look at all of them
        while not self._talk.stopping:
            for sign in self._talk_bell.take_signs():
                if self._entry.actor.staff_id not in (sign.get("typing"), sign.get("viewing")):
                    await self._send({"type": "sign", **sign})
            try:
                for key in [
                    key for key in self._after if rung is None or bell_of(key) in rung or key not in self._marks
                ]:
                    await self._show(key)
            except StoreUnavailable:
                logs.event("desk socket waits for the store", level="warning")
            rang = await _ring_or_time(self._talk_bell)
            self._talk_bell.clear()
            rung = self._talk_bell.take_rung() if rang else None

    async def _show(self, key: str) -> None:
        """What is new in a watched conversation; it is left when it may no longer be seen."""
        services, actor, after, known = self._services, self._entry.actor, self._after.get(key), self._marks.get(key)
        if after is None:
            return
        now = await asyncio.to_thread(services.clock.now)

        def read(connection: Any) -> tuple[Any, dict[str, Any] | None]:
            mark, last = inbox.mark(connection, key)
            if mark == known and last <= after:
                return mark, None
            if known is None or mark[:3] != known[:3]:  # its owner changed: perhaps no longer ours to see
                services.desk.agents.may_see(connection, actor, key)
            return mark, inbox.opened(connection, services.desk, actor, key, max(1, after), now, "zh-Hans")

        try:
            mark, shown = await self._talk.work.read(read)
        except Forbidden:
            self._after.pop(key, None)
            self._talk.bells.forget(bell_of(key), self._talk_bell)
            await self._send({"type": "left", "conversation": key})
            return
        self._marks[key] = mark
        if shown is None:
            return
        if shown["messages"] and key in self._after:
            self._after[key] = shown["messages"][-1]["seq"]
        await self._send({"type": "conversation", **shown})
        if shown["agent"] == actor.staff_id:
            await self._read_by_me(key, self._after.get(key, 0))

    async def _read_by_me(self, key: str, seq: int) -> None:
        """Whoever serves the conversation has it before their eyes: the borrower sees that it is read."""
        me = self._entry.actor.staff_id
        if await self._talk.work.write(lambda c: web_view.note_seen_by_agent(c, key, me, seq)):
            await self._talk.tell([key], desk=False)

    async def _send(self, frame: dict[str, Any]) -> None:
        await self._ws.send(orjson.dumps(frame).decode())


async def _ring_or_time(bell: Bell) -> bool:
    """Whether it rang; False after `LOOK_SECONDS` without."""
    try:
        await asyncio.wait_for(bell.wait(), LOOK_SECONDS * (1 + random.random() / 3))
    except asyncio.TimeoutError:
        return False
    return True
