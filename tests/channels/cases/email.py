from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.channels.platforms import email
from bot.services.channels.model import Hook
from bot.simulators.email import EmailSimulator
from tests.channels.cases.base import Case


class EmailCase(Case):
    name = "email"
    user = "wang@example.test"
    pulls = True
    signed = False

    def __init__(self) -> None:
        self._made: EmailSimulator | None = None  # its ports are free ones, known when it listens

    def module(self) -> Any:
        return email

    def env(self, api: str) -> dict[str, str]:
        smtp, imap = (self._made.smtp_port, self._made.imap_port) if self._made is not None else (0, 0)
        return {
            "EMAIL_ADDRESS": "service@lender.example",
            "EMAIL_PASSWORD": "a-password-of-mail",
            "EMAIL_IMAP_HOST": "127.0.0.1",
            "EMAIL_IMAP_PORT": str(imap or 1),
            "EMAIL_IMAP_TLS": "none",
            "EMAIL_SMTP_HOST": "127.0.0.1",
            "EMAIL_SMTP_PORT": str(smtp or 1),
            "EMAIL_SMTP_TLS": "none",
            "EMAIL_POLL_SECONDS": "0.2",
            "EMAIL_PER_MINUTE": "6000",
        }

    def simulator(self, webhook: str, env: Mapping[str, str]) -> EmailSimulator:
        free = {**env, "EMAIL_SMTP_PORT": "0", "EMAIL_IMAP_PORT": "0"}
        self._made = EmailSimulator(webhook, free)
        return self._made

    def hook(self, user: str, text: str, message_id: str, now: datetime) -> Hook:
        return Hook("POST", "", {}, {}, text.encode(), now)

    def tampered(self, hook: Hook) -> Hook:
        return hook


CASE = EmailCase()
