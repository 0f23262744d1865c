"""`daihou serve`: the whole assistant in one process."""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import os
import secrets
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.errors import ConfigError
from bot.settings import SECRETS, Settings

DEMO_SECRETS = "demo-secrets.json"
BACKLOG = 1024
M_ARENA_MAX = -8  # of glibc's malloc.h


def add(subparsers: Any) -> None:
    parser = subparsers.add_parser("serve", help="serve borrowers (PORT, HOST; DEMO=1 for a demo lender)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    settings = with_secrets(settings)
    listening = _listen(settings)  # before the model is loaded: a taken port is said at once
    try:
        _serve(settings, listening)
    finally:
        listening.close()
    return 0


def with_secrets(settings: Settings) -> Settings:
    """The settings with every secret there.

    Raises:
        ConfigError: one is missing outside the demo; the message names each.
    """
    missing = settings.missing_secrets()
    if missing and not settings.demo:
        raise ConfigError(
            f"set {', '.join(missing)} (long random values), or DEMO=1 to try Daihou with a made-up lender"
        )
    if not missing:
        return settings
    return replace(
        settings, **{name.lower(): value for name, value in _demo_secrets(settings.var_dir).items() if name in missing}
    )


def _demo_secrets(var_dir: Path) -> dict[str, str]:
    """Made up once for a data directory, so that a restart keeps the sessions; readable by its owner only."""
    path = var_dir / DEMO_SECRETS
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        kept = {}
    made = {name: kept.get(name) or secrets.token_urlsafe(32) for name in SECRETS}
    if made != kept:
        var_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(made, file)
    return made


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        raise ConfigError(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; set PORT to another"
        ) from error
    return listening


def _serve(settings: Settings, listening: socket.socket) -> None:
    from bot.app import build, with_brain
    from bot.complaints import classify
    from bot.server import create_app
    from bot.services import logs
    from bot.services.desk.demo_staff import logins, seed_staff
    from bot.store.clock import SystemClock, business_date
    from bot.store.demo import seed_demo
    from bot.store.migrate import upgrade

    _one_heap()
    upgrade(settings.database_url)
    services = build(settings)
    if settings.demo:
        seed_demo(services.database, business_date(SystemClock().now(), settings.timezone), settings.timezone)
        seed_staff(services.database, services.staff, services.desk.accounts)
    services = with_brain(services)
    classify.prepare()
    logs.configure(settings.log_level)
    app = create_app(services)
    gc.freeze()  # what is loaded now stays: later collections need not look at it
    accounts = logins(services.database, SystemClock().now()) if settings.demo else []
    sys.stdout.write(_banner(settings, accounts) + _calendar_warnings(services))
    sys.stdout.flush()
    app.run(sock=listening, register_sys_signals=False, access_log=False, motd=False, backlog=BACKLOG)


def _calendar_warnings(services: Any) -> str:
    """Years that a complaint's limit may reach without known holidays."""
    from bot.services.complaints.compliance import warnings

    return "".join(f"\nWARNING: {one}\n" for one in warnings(services.complaints.basis, services.clock.now()))


def _one_heap() -> None:
    """One heap for all threads: glibc gives each its own, some 40 MB in all, to spare them a lock that Python takes anyway.

    Nothing happens where the C library has no such switch.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 1)


def _banner(settings: Settings, accounts: list[dict[str, Any]]) -> str:
    from bot.store.demo import borrowers

    url = f"http://{settings.host}:{settings.port}/"
    lines = [f"Daihou serves {url}"]
    if settings.demo:
        lines += [
            "",
            "*** DEMO=1: a made-up lender with made-up borrowers, made-up secrets, no password anywhere. ***",
            "*** Never put real borrowers behind this process.                                           ***",
            "",
            f"Open {url} and choose a borrower, or log in by chat with a phone and the last four of the id number:",
        ]
        lines += [
            f"  {one.customer_id} {one.name}  {one.phone}  {one.id_number[-4:]}  {one.note}" for one in borrowers()
        ]
        lines += [f"Codes arrive at {url}demo/outbox?to=<phone>"]
        lines += [
            "",
            f"Staff work at {url}desk (password of all: {accounts[0]['password'] if accounts else '-'}; secret for an authenticator):",
        ]
        lines += [f"  {one['staff_id']:<12}{one['role']:<12}{one['totp'] or '-'}  {one['name']}" for one in accounts]
    if not settings.demo and not settings.notify_url:
        lines += [
            "",
            "WARNING: NOTIFY_URL is not set: login codes and alerts stay unsent in the table notifications.",
        ]
    if not settings.supervisor_contact:
        lines += [
            "",
            "WARNING: SUPERVISOR_CONTACT is not set: nobody is told when a borrower asks for a person or despairs.",
        ]
    return "\n".join(lines) + "\n"
