"""Every implementation of `PaymentPort`: takes a refund once, with the caller's transaction. Add yours to `PORTS`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.services.complaints.payment_port import INSTRUCTED, PaymentPort, RecordedPort, Refund
from bot.store.complaint_schema import payment_instructions
from bot.store.database import Database, make_engine
from bot.store.migrate import upgrade
from tests import databases
from tests.fakes import NOON

PORTS = (RecordedPort,)
REFUND = Refund("r1", "TS-20260318-0001", "C1001", "LN1001", 12_345)


@pytest.fixture(params=databases.ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with databases.template(request.param, tmp_path, upgrade) as url:
        opened = Database(make_engine(url))
        yield opened
        opened.close()


@pytest.mark.parametrize("port", [make() for make in PORTS])
def test_a_refund_is_taken_once_and_only_with_the_transaction(database: Database, port: PaymentPort) -> None:
    with database.write() as connection:
        number = port.instruct(connection, REFUND, NOON)
    assert number
    with pytest.raises(sa.exc.IntegrityError), database.write() as connection:
        port.instruct(connection, REFUND, NOON)
    with pytest.raises(RuntimeError):
        _rolled_back(database, port)
    with database.read() as connection:
        kept = connection.execute(sa.select(payment_instructions)).all()
    assert [(one.remedy_id, one.cents, one.status) for one in kept] == [("r1", 12_345, INSTRUCTED)]


def _rolled_back(database: Database, port: PaymentPort) -> None:
    with database.write() as connection:
        port.instruct(connection, Refund("r2", "TS-20260318-0001", "C1001", "LN1001", 1), NOON)
        raise RuntimeError("rolled back")
