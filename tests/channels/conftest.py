"""Every platform's case, and a server of simulators on loopback."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sanic import Sanic
from sanic.touchup import TouchUp

from bot.simulators.base import Simulator
from tests.channels.cases.base import Case

CASES: list[Case] = [
    importlib.import_module(f"tests.channels.cases.{one.name}").CASE
    for one in pkgutil.iter_modules([str(Path(__file__).parent / "cases")])
    if one.name != "base"
]


def _once(run: Any) -> Any:
    done: list[bool] = []
    return lambda app: None if done else (done.append(True), run(app))


# Sanic 21.12 rewrites its own methods at a start and fails to do it again in the same process: once is enough.
TouchUp.run = _once(TouchUp.run)  # type: ignore[method-assign]


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(follow_redirects=False) as client:
        yield client


@asynccontextmanager
async def serving(*simulators: Simulator, more: Any = None) -> AsyncIterator[str]:
    """The simulators' APIs on a free port of loopback, in this process."""
    app = Sanic(f"simulators_{uuid.uuid4().hex[:8]}", configure_logging=False, register=False)
    app.config.update({"MOTD": False, "ACCESS_LOG": False, "AUTO_EXTEND": False})
    for one in simulators:
        app.blueprint(one.routes())
    if more is not None:
        more(app)
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        server = await app.create_server(
            sock=sock, return_asyncio_server=True, asyncio_server_kwargs={"start_serving": False}
        )
        assert server is not None
        await server.startup()
        await server.start_serving()
        port = sock.getsockname()[1]
        for one in simulators:
            await one.start()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.close()
            await asyncio.sleep(0)
            for one in simulators:
                await one.close()
