"""`python -m tests.serving`: the real server process with a brain that needs no model. For tests of the process itself.

Reads the settings that `daihou serve` reads; the product has no such switch.
"""

from __future__ import annotations

import os

from bot.app import build
from bot.commands.serve import _listen, with_secrets
from bot.server import create_app
from bot.services import logs
from bot.services.desk.demo_staff import seed_staff
from bot.settings import Settings
from bot.store.clock import SystemClock, business_date
from bot.store.demo import seed_demo
from bot.store.migrate import upgrade
from tests.fakes import FakeBrain


def main() -> None:
    settings = with_secrets(Settings.from_env(os.environ))
    listening = _listen(settings)
    upgrade(settings.database_url)
    services = build(settings, brain=FakeBrain(slow=float(os.environ.get("FAKE_SLOW", "0.2"))))
    if settings.demo:
        seed_demo(services.database, business_date(SystemClock().now(), settings.timezone), settings.timezone)
        seed_staff(services.database, services.staff, services.desk.accounts)
    logs.configure(settings.log_level)
    create_app(services).run(sock=listening, register_sys_signals=False, access_log=False, motd=False, backlog=1024)


if __name__ == "__main__":
    main()
