"""The desk, wired: one object for actions, routes and the serving process. Made by `bot.app`."""

from __future__ import annotations

from dataclasses import dataclass

from bot.services.desk.accounts import Accounts
from bot.services.desk.agents import Agents
from bot.services.desk.basis import Basis
from bot.services.desk.calling import Calling
from bot.services.desk.customer import Panel
from bot.services.desk.dispatch import Dispatch
from bot.services.desk.file import ZeroRead
from bot.services.desk.knowledge import Knowledge
from bot.services.desk.overview import Overview
from bot.services.desk.queue import Queue
from bot.services.desk.sending import Sending


@dataclass(frozen=True)
class Desk:
    """Its parts; what needs the conversation service besides is in the routes."""

    basis: Basis
    queue: Queue
    calling: Calling
    dispatch: Dispatch
    agents: Agents
    sending: Sending
    accounts: Accounts
    file: ZeroRead
    panel: Panel
    overview: Overview
    knowledge: Knowledge
