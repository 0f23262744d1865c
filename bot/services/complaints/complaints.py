"""Everything about complaints that a route, an action or the worker needs. One instance a process, made by `bot.app`."""

from __future__ import annotations

from dataclasses import dataclass

from bot.services.complaints.basis import Basis
from bot.services.complaints.borrower import Borrower
from bot.services.complaints.handling import Handling
from bot.services.complaints.limits import Limits
from bot.services.complaints.lodging import Lodge
from bot.services.complaints.splitting import Splitting


@dataclass(frozen=True)
class Complaints:
    basis: Basis
    intake: Lodge
    handling: Handling
    limits: Limits
    borrower: Borrower
    splitting: Splitting


def complaints_on(basis: Basis) -> Complaints:
    return Complaints(basis, Lodge(basis), Handling(basis), Limits(basis), Borrower(basis), Splitting(basis))
