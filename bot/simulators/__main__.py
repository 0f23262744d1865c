"""`python -m bot.simulators` (`make channels-demo`): every platform simulated, Daihou beside it, one page with all phones.

Everything listens on loopback. The variables of the channels point at the simulators; nothing leaves this machine.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

from sanic import Sanic

from bot.simulators.everyone import config, everyone
from bot.simulators.phones import phones

PORT, DAIHOU_PORT = 5006, 5005


def main() -> int:
    port, daihou_port = int(os.environ.get("SIMULATORS_PORT", PORT)), int(os.environ.get("PORT", DAIHOU_PORT))
    env = config(f"http://127.0.0.1:{port}")
    made = everyone(f"http://127.0.0.1:{daihou_port}/channels", env)
    app = Sanic("simulators", configure_logging=False)
    app.config.update({"MOTD": False, "ACCESS_LOG": False, "AUTO_EXTEND": False})
    for one in made.values():
        app.blueprint(one.routes())
    app.blueprint(phones(made))

    @app.after_server_start
    async def start(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        for one in made.values():
            await one.start()

    @app.before_server_stop
    async def stop(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        for one in made.values():
            await one.close()

    daihou = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"],
        env={
            **os.environ,
            **env,
            "DEMO": "1",
            "PORT": str(daihou_port),
            "PUBLIC_URL": f"http://127.0.0.1:{daihou_port}",
        },
    )
    sys.stderr.write(f"phones: http://127.0.0.1:{port}/   the page: http://127.0.0.1:{daihou_port}/\n")
    try:
        app.run(host="127.0.0.1", port=port, access_log=False, motd=False)
    finally:
        daihou.terminate()
        daihou.wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
