"""Every error this program raises on purpose, in one tree.

    DaihouError
    ├── BadInput            what was sent cannot be used; `code` names why, `detail` says where
    │   └── ImportRejected  a lender's book with bad rows; carries every one of them
    ├── NotFound            no such customer, loan, session, message
    ├── Conflict            the same id was used before for something else
    ├── NotAllowed          the session's identity level, or the policy, forbids it
    │   └── Forbidden       who asks is known, and may not do this
    ├── Changed             what a turn was composed for moved meanwhile: the turn is simply run again
    ├── StoreUnavailable    the database cannot be read or written now
    └── ConfigError         the operator must change something before the program can run

Raised inside, turned into a reply or an HTTP status only at the edge (`bot.server`, actions).
"""

from __future__ import annotations


class DaihouError(Exception):
    """Base of all; `code` is stable and safe to show, the message is for the operator."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None, **detail: object) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code
        self.detail = detail


class BadInput(DaihouError):
    code = "bad_input"


class ImportRejected(BadInput):
    """`rows` holds one entry a bad row: file, line, column, reason."""

    code = "import_rejected"

    def __init__(self, rows: tuple[tuple[str, int, str, str], ...]) -> None:
        super().__init__("\n".join(f"{f}:{line}: {column}: {reason}" for f, line, column, reason in rows))
        self.rows = rows


class NotFound(DaihouError):
    code = "not_found"


class Conflict(DaihouError):
    code = "conflict"


class NotAllowed(DaihouError):
    code = "not_allowed"


class Forbidden(NotAllowed):
    code = "forbidden"


class Changed(DaihouError):
    code = "changed"

    def __init__(self) -> None:
        super().__init__("session, conversation, ledger or arrangement are not what the turn was composed for")


class StoreUnavailable(DaihouError):
    code = "store_unavailable"


class ConfigError(DaihouError):
    code = "config"
