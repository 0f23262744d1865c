"""The widget's WebSocket: messages in, messages out as they are stored, resumed by seq. See bot/web/PROTOCOL.md.

The rows are the truth: a ring of the session's bell makes the connection look, and it sends what it has not sent.
"""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from sanic import Blueprint
from sanic.request import Request
from sqlalchemy.engine import Connection as StoreConnection
from websockets.exceptions import ConnectionClosed

from bot.channels import bodies, replies
from bot.channels.bodies import Field
from bot.channels.web_sessions import CHANNEL
from bot.errors import BadInput, DaihouError, StoreUnavailable
from bot.services import logs, web_view
from bot.services.conversation import ConversationService, Look
from bot.services.inbound import InboundMessage
from bot.services.watch import Bell
from bot.store.conversation_rows import session_key

HELLO_SECONDS = 15.0
LOOK_SECONDS = 20.0  # also without a ring: an idle identity ends by itself
TYPING_SECONDS = 6.0  # a colleague who is heard of no more has stopped typing
LANGUAGES = ("zh-Hans", "zh-Hant", "en")
FRAMES: dict[str, dict[str, Field]] = {
    "hello": {
        "session": Field(str, required=True, longest=bodies.MAX_TOKEN),
        "after": Field(int),
        "language": Field(str),
    },
    "say": {
        "client_msg_id": Field(str, required=True, longest=bodies.MAX_ID, plain=True),
        "text": Field(str, required=True, longest=bodies.MAX_TEXT),
    },
    "seen": {"seq": Field(int, required=True)},
    "identity": {"token": Field(str, required=True, longest=bodies.MAX_TOKEN)},
    "ping": {},
}
web_socket = Blueprint("web_socket")


@web_socket.websocket("/web/ws")
async def connect(request: Request, ws: Any) -> None:
    talk = request.app.ctx.talk
    talk.measures.sockets.inc()
    try:
        await Connection(request, ws, talk).run()
    except (ConnectionClosed, asyncio.TimeoutError):
        return
    except asyncio.CancelledError:
        raise
    except Exception as error:  # noqa: BLE001 - one broken connection must not be louder than its log line
        logs.failure("web socket failed", error)
    finally:
        talk.measures.sockets.dec()


class Connection:
    """One open socket. `_after` is the last seq sent; while `_shown` is None nothing is pushed: a hello is awaited."""

    def __init__(self, request: Request, ws: Any, talk: ConversationService) -> None:
        self._sessions = request.app.ctx.web_sessions
        self._ws = ws
        self._talk = talk
        self._user = ""
        self._language = "zh-Hans"
        self._after = 0
        self._shown: str | None = None
        self._typing = False
        self._state: dict[str, Any] = {}
        self._colleague_types = False
        self._look_lock = asyncio.Lock()

    async def run(self) -> None:
        """Say hello, then read and push until either side ends."""
        first = await asyncio.wait_for(self._ws.recv(), HELLO_SECONDS)
        if first is None or not await self._frame(first) or not self._user:
            await self._ws.close()
            return
        bell = self._talk.bells.listen(session_key(CHANNEL, self._user))
        pusher = asyncio.create_task(self._push(bell))
        reader = asyncio.create_task(self._read())
        try:
            await asyncio.wait({pusher, reader}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (pusher, reader):
                task.cancel()
            results = await asyncio.gather(pusher, reader, return_exceptions=True)
            self._talk.bells.forget(session_key(CHANNEL, self._user), bell)
        for result in results:
            if isinstance(result, Exception):
                raise result
        await self._ws.close(code=1012 if self._talk.stopping else 1000)

    async def _read(self) -> None:
        while True:
            raw = await self._ws.recv()
            if raw is None or not await self._frame(raw):
                return

    async def _push(self, bell: Bell) -> None:
        while not self._talk.stopping:
            bell.clear()
            try:
                await self._show_news()
            except StoreUnavailable:
                logs.event("web socket waits for the store", level="warning")
            try:
                await asyncio.wait_for(bell.wait(), TYPING_SECONDS if self._colleague_types else LOOK_SECONDS)
            except asyncio.TimeoutError:
                await self._colleague(False)
                continue
            await self._colleague(any("typing" in sign for sign in bell.take_signs()))

    async def _colleague(self, types: bool) -> None:
        """Show that a colleague types, or no longer does."""
        if types != self._colleague_types and self._shown is not None:
            await self._send({"type": "typing", "on": types})
        self._colleague_types = types

    # -- in

    async def _frame(self, raw: str | bytes) -> bool:
        """Carry one frame out; False ends the connection."""
        message_id = None
        try:
            body = orjson.loads(raw)
            kind = body.pop("type") if isinstance(body, dict) else None
            if not isinstance(kind, str) or kind not in FRAMES or (kind != "hello" and not self._user):
                raise BadInput("unknown frame, or no hello before it", code="bad_frame")
            message_id = body.get("client_msg_id") if isinstance(body.get("client_msg_id"), str) else None
            return await self._carry_out(kind, bodies.check(body, FRAMES[kind]))
        except (orjson.JSONDecodeError, KeyError):
            await self._refuse(None, BadInput("a frame is a JSON object with a type", code="bad_frame"))
        except DaihouError as error:
            await self._refuse(message_id, error)
        return True

    async def _carry_out(self, kind: str, body: dict[str, Any]) -> bool:
        if kind == "hello":
            return await self._hello(body)
        if kind == "ping":
            await self._send({"type": "pong"})
        elif kind == "seen":
            await self._seen(body["seq"])
        elif kind == "identity":
            await self._talk.bind(CHANNEL, self._user, body["token"])
        else:
            accepted = await self._talk.accept(
                InboundMessage(CHANNEL, self._user, body["text"], body["client_msg_id"], language=self._language)
            )
            await self._send({"type": "ack", "client_msg_id": body["client_msg_id"], "seq": accepted.seq})
        return True

    async def _seen(self, seq: int) -> None:
        """Only what this connection has sent can have been seen; between a reset and the next hello nothing counts."""
        seq = min(seq, self._after)
        if self._shown and seq > 0:
            key = session_key(CHANNEL, self._user)
            await self._talk.work.write(lambda connection: web_view.note_seen(connection, key, seq))

    async def _hello(self, body: dict[str, Any]) -> bool:
        user = self._sessions.user(body["session"])
        if user is None or (self._user and user != self._user):
            words = self._talk.compose.say("utter_session_unknown", self._language).text
            await self._send({"type": "refused", "client_msg_id": None, "code": "session_unknown", "text": words})
            return False
        self._user = user
        self._language = body["language"] if body.get("language") in LANGUAGES else self._language
        self._after = max(0, min(body.get("after") or 0, 2**31 - 1))
        async with self._look_lock:
            look = await self._look()
            self._shown, self._typing, self._state = look.place, look.typing, look.state
            self._note_sent(look)
            marks = await self._talk.work.read(lambda connection: _marks(connection, look))
            await self._send(
                {
                    "type": "ready",
                    "level": look.level,
                    "customer": look.customer,
                    "messages": look.messages or ([] if self._after else self._talk.opening(self._language)),
                    "typing": look.typing,
                    "state": look.state,
                    **marks,
                }
            )
        return True

    # -- out

    async def _show_news(self) -> None:
        async with self._look_lock:
            if self._shown is None:
                return
            look = await self._look()
            if look.place != self._shown:
                first_message = self._shown == "" and look.level == 0
                if not first_message:  # what was shown is no longer what may be shown: the client starts again
                    self._shown = None
                    await self._send({"type": "identity", "level": look.level, "customer": look.customer})
                    await self._send({"type": "reset"})
                    return
                self._shown = look.place
            if look.state != self._state:
                self._state = look.state
                await self._send({"type": "state", "state": look.state})
            if look.typing and not self._typing:
                await self._send({"type": "typing", "on": True})
            self._note_sent(look)
            for message in look.messages:
                await self._send({"type": "message", "message": message})
            if self._typing and not look.typing:
                await self._send({"type": "typing", "on": False})
            self._typing = look.typing

    async def _look(self) -> Look:
        hidden = self._talk.compose.say("utter_hidden", self._language).text
        return await self._talk.look(CHANNEL, self._user, self._after, hidden)

    def _note_sent(self, look: Look) -> None:
        if look.messages:
            self._after = look.messages[-1]["seq"]
        self._talk.delivered(look.replies)

    async def _refuse(self, message_id: str | None, error: DaihouError) -> None:
        self._talk.measures.refused.labels(error.code).inc()
        await self._send(
            {
                "type": "refused",
                "client_msg_id": message_id,
                "code": error.code,
                "text": replies.words(self._talk, error, self._language),
            }
        )

    async def _send(self, frame: dict[str, Any]) -> None:
        await self._ws.send(orjson.dumps(frame).decode())


def _marks(connection: StoreConnection, look: Look) -> dict[str, Any]:
    """What a widget shows of earlier visits: how far the borrower has read, and what they thought of answers."""
    if look.session is None:
        return {"seen": 0, "ratings": {}}
    return {
        "seen": web_view.seen(connection, look.session.session_id),
        "ratings": web_view.ratings(connection, look.session),
    }
