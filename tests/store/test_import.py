"""The importer: good books, every kind of bad row, and that a bad one changes nothing."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import BadInput, ImportRejected
from bot.lending.loan import Status
from bot.lending.position import position
from bot.settings import ROOT
from bot.store import import_csv
from bot.store.database import Database, make_engine
from bot.store.import_columns import columns
from bot.store.importer import Imported, import_book
from bot.store.loans import SqlLoanStore
from bot.store.schema import metadata
from tests.fakes import FakeClock

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 5, 1, 9, 0, tzinfo=ZONE)
SAMPLE = ROOT / "docs" / "sample-book"
Change = Callable[[str], str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path / "book"))


def take(database: Database, folder: Path, encoding: str | None = None) -> Imported:
    return import_book(database, FakeClock(NOW), ZONE, folder, encoding)


def store_of(database: Database) -> SqlLoanStore:
    return SqlLoanStore(database, FakeClock(NOW), ZONE)


def edit(folder: Path, file: str, change: Change) -> None:
    path = folder / file
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def everything(database: Database) -> dict[str, list[Any]]:
    names = ("products", "customers", "contact_points", "loans", "instalments", "payments", "ledger")
    with database.read() as connection:
        return {name: sorted(map(str, connection.execute(sa.select(metadata.tables[name])).all())) for name in names}


def rejected(database: Database, folder: Path, encoding: str | None = None) -> list[tuple[str, int, str, str]]:
    before = everything(database)
    with pytest.raises(ImportRejected) as caught:
        take(database, folder, encoding)
    assert everything(database) == before
    return list(caught.value.rows)


def test_sample_book_is_taken_over(database: Database, folder: Path) -> None:
    done = take(database, folder)
    assert list(done.new.values()) == [3, 3, 4, 4]
    store = store_of(database)
    assert store.customer_by_phone("15499990001") == store.customer("K001")
    assert store.customer_by_phone("15499990003") is None  # not verified
    loan = store.loan("K001-1")
    assert [line.due_on.day for line in loan.plan[:3]] == [28, 31, 30]
    assert loan.autopay_card == "0001"
    now = position(loan, NOW.date())
    assert (now.status, now.overdue_since) == (Status.OVERDUE, NOW.date())  # that of 30 April is open
    assert now.principal == 5_000_000 - 394_244 - 398_186
    assert store.loan("K002-1").product.principal_first_from_dpd == 91
    assert [one.at for one in store.payments("K001-2")] == [datetime(2026, 4, 8, 23, 59, 59, tzinfo=ZONE)]


def test_second_import_changes_nothing(database: Database, folder: Path) -> None:
    take(database, folder)
    before = everything(database)
    done = take(database, folder)
    assert everything(database) == before
    assert list(done.same.values()) == [3, 3, 4, 4]
    assert not any((*done.new.values(), *done.changed.values()))


def test_imports_at_once_are_one(database: Database, url: str, folder: Path) -> None:
    others = [Database(make_engine(url)) for _ in range(3)]
    with ThreadPoolExecutor(3) as threads:
        done = list(threads.map(lambda one: take(one, folder), others))
    assert sorted(one.new["payments.csv"] for one in done) == [0, 0, 4]
    for other in others:
        other.close()


def test_files_alone_refer_to_what_is_stored(database: Database, folder: Path) -> None:
    take(database, folder)
    for name in ("products.csv", "customers.csv", "loans.csv"):
        (folder / name).unlink()
    edit(folder, "payments.csv", lambda text: text + "2026043000001,K001-1,4442.44,2026-04-30\n")
    assert take(database, folder).new == {"products.csv": 0, "customers.csv": 0, "loans.csv": 0, "payments.csv": 1}
    assert position(store_of(database).loan("K001-1"), NOW.date()).status is Status.CURRENT


def test_payment_that_arrives_late_is_worth_its_day(database: Database, folder: Path, tmp_path: Path) -> None:
    """Both orders of arrival leave the same position."""
    late = "2026022800017,K001-1,4442.44,2026-02-28 09:12:44\n"
    edit(folder, "payments.csv", lambda text: text.replace(late, ""))
    take(database, folder)
    edit(folder, "payments.csv", lambda text: text + late)
    assert take(database, folder).new["payments.csv"] == 1
    now = position(store_of(database).loan("K001-1"), NOW.date())
    assert now.principal == 5_000_000 - 394_244 - 398_186


def test_people_and_cards_are_brought_up_to_date(database: Database, folder: Path) -> None:
    take(database, folder)
    edit(folder, "customers.csv", lambda text: text.replace("样本甲", "样本新").replace("15499990001", "15499990009"))
    edit(folder, "loans.csv", lambda text: text.replace(",0001\n", ",\n"))
    done = take(database, folder)
    assert (done.changed["customers.csv"], done.changed["loans.csv"]) == (1, 1)
    store = store_of(database)
    assert (store.customer("K001").name, store.customer("K001").phone) == ("样本新", "15499990009")
    assert store.customer_by_phone("15499990001") is None
    assert store.loan("K001-1").autopay_card is None


def test_customers_may_swap_phones(database: Database, folder: Path) -> None:
    take(database, folder)
    swap = {"15499990001": "15499990002", "15499990002": "15499990001"}
    edit(folder, "customers.csv", lambda text: re.sub("1549999000[12]", lambda found: swap[found.group()], text))
    assert take(database, folder).changed["customers.csv"] == 2
    found = store_of(database).customer_by_phone("15499990001")
    assert found is not None
    assert found.customer_id == "K002"


def test_absent_columns_leave_what_is_stored(database: Database, folder: Path) -> None:
    take(database, folder)
    (folder / "customers.csv").write_text(
        "customer_id,name,id_number\nK001,样本甲,000000199003070010\n", encoding="utf-8"
    )
    assert take(database, folder).changed["customers.csv"] == 0
    assert store_of(database).customer("K001").phone == "15499990001"


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "gb18030"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_and_line_ends_are_recognised(sqlite: Database, folder: Path, encoding: str, newline: str) -> None:
    for path in folder.glob("*.csv"):
        path.write_bytes(path.read_text(encoding="utf-8").replace("\n", newline).encode(encoding))
    take(sqlite, folder)
    assert store_of(sqlite).customer("K003").name == "樣本丙"
    assert store_of(sqlite).loan("K001-2").product.name == "商品分期"


def test_encoding_is_taken_at_its_word(sqlite: Database, folder: Path) -> None:
    name = "樣本丙"
    edit(folder, "customers.csv", lambda text: text.replace("样本甲", "甲").replace("样本乙", "乙"))
    (folder / "products.csv").write_text("product_id,name\nP-CASH,a\nP-GOODS,b\nP-CARD,c\n", encoding="utf-8")
    for path in folder.glob("*.csv"):
        path.write_bytes(path.read_text(encoding="utf-8").encode("big5"))
    take(sqlite, folder, "big5")
    assert store_of(sqlite).customer("K003").name == name


def test_unreadable_bytes_are_reported_with_their_line(sqlite: Database, folder: Path) -> None:
    path = folder / "customers.csv"
    path.write_bytes(path.read_bytes().replace(b"sample@example.com", b"\xff\xff@example.com"))
    found = [row for row in rejected(sqlite, folder) if row[0] == "customers.csv"]
    assert [(line, column) for _, line, column, _ in found] == [(3, "")]
    assert "--encoding" in found[0][3]


BAD_CELLS = [
    ("customers.csv", 2, "name", "样本甲", ""),
    ("customers.csv", 2, "name", "样本甲", "样" * 81),
    ("customers.csv", 2, "name", "样本甲", "样\u202e本"),
    ("customers.csv", 2, "id_number", "000000199003070010", "1.99003E+17"),
    ("customers.csv", 2, "phone", "15499990001", "1.54E+10"),
    ("customers.csv", 2, "phone", "15499990001", "5499990001"),
    ("customers.csv", 2, "phone_verified", ",yes,\n", ",maybe,\n"),
    ("customers.csv", 3, "phone", "15499990002", "15499990001"),
    ("customers.csv", 3, "email", "sample@example.com", "sample"),
    ("customers.csv", 3, "", "sample@example.com", "sample@example.com,more"),
    ("loans.csv", 2, "principal", "50000", "-50000"),
    ("loans.csv", 2, "principal", "50000", "0"),
    ("loans.csv", 2, "principal", "50000", '"50,000"'),
    ("loans.csv", 2, "principal", "50000", "50000.001"),
    ("loans.csv", 2, "principal", "50000", "1000000000000000"),
    ("loans.csv", 2, "principal", "50000", "NaN"),
    ("loans.csv", 2, "method", "annuity", "等额本息"),
    ("loans.csv", 2, "periods", ",12,12%", ",0,12%"),
    ("loans.csv", 2, "periods", ",12,12%", ",601,12%"),
    ("loans.csv", 2, "annual_rate", "12%", "12"),
    ("loans.csv", 2, "annual_rate", "12%", ""),
    ("loans.csv", 3, "annual_rate", "flat,12,,", "flat,12,7%,"),
    ("loans.csv", 3, "flat_monthly_rate", "0.6%", ""),
    ("loans.csv", 2, "disbursed_on", "2026-01-31", "2026-02-30"),
    ("loans.csv", 2, "disbursed_on", "2026-01-31", "31.01.2026"),
    ("loans.csv", 2, "disbursed_on", "2026-01-31,2026-02-28", "2026-05-02,2026-06-02"),
    ("loans.csv", 2, "first_due_on", "2026-02-28", "2026-01-31"),
    ("loans.csv", 2, "autopay_card", "0001", "1"),
    ("loans.csv", 2, "customer_id", "K001,P-CASH", "K009,P-CASH"),
    ("loans.csv", 2, "product_id", "P-CASH", "P-NONE"),
    ("loans.csv", 4, "day_count", "ACT/365", "ACT/ACT"),
    ("loans.csv", 5, "periods", "bullet,1", "bullet,2"),
    ("payments.csv", 2, "amount", "4442.44", "0.00"),
    ("payments.csv", 2, "amount", "4442.44", "¥4442.44"),
    ("payments.csv", 2, "amount", "4442.44", "100000000000.01"),
    ("payments.csv", 2, "loan_id", "K001-1", "K001-9"),
    ("payments.csv", 2, "paid_at", "2026-02-28 09:12:44", "2026-02-28 25:00"),
    ("payments.csv", 2, "paid_at", "2026-02-28 09:12:44", "2026-05-01 09:00:01"),
    ("payments.csv", 2, "paid_at", "2026-02-28 09:12:44", "2026-01-30"),
    ("payments.csv", 3, "payment_id", "2026033100008", "2026022800017"),
    ("products.csv", 2, "penalty_factor", "1.5", "11"),
    ("products.csv", 4, "prepay_fee", "12:1%;24:0.5%", "24:1%;12:0.5%"),
    ("products.csv", 4, "principal_first_from_dpd", ",91", ",0"),
]


@pytest.mark.parametrize(("file", "line", "column", "good", "bad"), BAD_CELLS)
def test_bad_row_is_named_and_nothing_changes(
    sqlite: Database, folder: Path, file: str, line: int, column: str, good: str, bad: str
) -> None:
    edit(folder, file, lambda text: text.replace(good, bad, 1))
    found = rejected(sqlite, folder)
    assert [row[:3] for row in found] == [(file, line, column)]
    assert found[0][3]


@pytest.mark.parametrize(("line", "good", "bad"), [(2, "K001,", "K 001,"), (3, "K002", "K001")])
def test_bad_id_is_named_with_the_rows_that_miss_it(
    sqlite: Database, folder: Path, line: int, good: str, bad: str
) -> None:
    edit(folder, "customers.csv", lambda text: text.replace(good, bad, 1))
    first, *others = rejected(sqlite, folder)
    assert first[:3] == ("customers.csv", line, "customer_id")
    assert others
    assert all((file, column) == ("loans.csv", "customer_id") for file, _, column, _ in others)


def test_every_bad_row_is_reported_in_the_order_of_the_files(database: Database, folder: Path) -> None:
    edit(folder, "payments.csv", lambda text: text.replace("4442.44", "x"))
    edit(folder, "customers.csv", lambda text: text.replace("15499990001", "1").replace("000000198811230028", "?"))
    found = rejected(database, folder)
    assert [row[:3] for row in found] == [
        ("customers.csv", 2, "phone"),
        ("customers.csv", 3, "id_number"),
        ("payments.csv", 2, "amount"),
        ("payments.csv", 3, "amount"),
    ]


@pytest.mark.parametrize(
    ("file", "good", "bad", "column"),
    [
        ("loans.csv", "50000,annuity,12,12%", "50000,annuity,12,11%", "annual_rate"),
        ("loans.csv", "50000,annuity", "50001,annuity", "principal"),
        ("loans.csv", "K001-1,K001", "K001-1,K002", "customer_id"),
        ("payments.csv", "1072,", "1073,", "payment_id"),
        ("payments.csv", "2026-03-31", "2026-03-30", "payment_id"),
        ("products.csv", "12:1%,\n", "12:2%,\n", "product_id"),
    ],
)
def test_stored_terms_and_figures_never_change(
    database: Database, folder: Path, file: str, good: str, bad: str, column: str
) -> None:
    take(database, folder)
    edit(folder, file, lambda text: text.replace(good, bad, 1))
    assert [row[::2][:2] for row in rejected(database, folder)] == [(file, column)]


def test_verified_phone_of_somebody_stored_is_refused(database: Database, folder: Path) -> None:
    take(database, folder)
    (folder / "customers.csv").write_text(
        "customer_id,name,id_number,phone,phone_verified\nK009,样本,000000199003070099,15499990001,yes\n",
        encoding="utf-8",
    )
    assert [row[:3] for row in rejected(database, folder)] == [("customers.csv", 2, "phone")]


HEADERS = [
    ("name,", "nme,", {"nme", "name"}),
    ("name,", "name,name,", {"name"}),
    ("customer_id,name", "name", {"customer_id"}),
]


@pytest.mark.parametrize(("good", "bad", "columns_named"), HEADERS)
def test_bad_header_is_named(sqlite: Database, folder: Path, good: str, bad: str, columns_named: set[str]) -> None:
    edit(folder, "customers.csv", lambda text: text.replace(good, bad, 1))
    found = [row for row in rejected(sqlite, folder) if row[0] == "customers.csv"]
    assert {row[2] for row in found} == columns_named
    assert {row[1] for row in found} == {1}


def test_other_separators_empty_files_and_stray_files_are_named(sqlite: Database, folder: Path) -> None:
    edit(folder, "products.csv", lambda text: text.replace(",", ";"))
    edit(folder, "payments.csv", lambda text: "")
    (folder / "loan.csv").write_text("loan_id\n")
    found = {row[0]: row for row in rejected(sqlite, folder) if row[0] != "loans.csv"}
    assert "commas" in found["products.csv"][3]
    assert "header" in found["payments.csv"][3]
    assert "none of" in found["loan.csv"][3]


def test_open_quote_is_named(sqlite: Database, folder: Path) -> None:
    edit(folder, "customers.csv", lambda text: text.replace("样本乙", '"样本乙', 1))
    found = [row for row in rejected(sqlite, folder) if row[0] == "customers.csv"]
    assert "quote" in found[0][3]


def test_quoted_cells_and_blank_lines_keep_line_numbers(sqlite: Database, folder: Path) -> None:
    edit(
        folder, "payments.csv", lambda text: "\n\n" + text.replace("1072", '"1072"').replace("248.55", "x") + ",,,\n\n"
    )
    assert [row[:3] for row in rejected(sqlite, folder)] == [("payments.csv", 7, "amount")]


def test_limits(sqlite: Database, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_csv, "MOST_ROWS", 3)
    assert {row[:2] for row in rejected(sqlite, folder)} >= {("payments.csv", 5)}
    monkeypatch.setattr(import_csv, "MOST_BYTES", 10)
    assert {row[1] for row in rejected(sqlite, folder)} == {0}


def test_folder_and_encoding_that_are_not_there(sqlite: Database, tmp_path: Path) -> None:
    for folder, encoding in ((tmp_path / "none", None), (tmp_path, None), (SAMPLE, "klingon")):
        with pytest.raises(BadInput):
            take(sqlite, folder, encoding)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=300), keep=st.integers(0, 400), file=st.sampled_from(sorted(columns(ZONE))))
def test_any_bytes_are_refused_with_reasons(sqlite: Database, folder: Path, raw: bytes, keep: int, file: str) -> None:
    """Cut off anywhere and followed by anything: reasons or a clean import, never another error."""
    (folder / file).write_bytes((SAMPLE / file).read_bytes()[:keep] + raw)
    rows: tuple[tuple[str, int, str, str], ...] = ()
    try:
        take(sqlite, folder)
    except ImportRejected as refused:
        rows = refused.rows
    assert all(name == file or name == "loans.csv" or name == "payments.csv" for name, *_ in rows)
    assert all(reason for *_, reason in rows)
    shutil.copy(SAMPLE / file, folder / file)


def test_docs_name_every_column() -> None:
    text = (ROOT / "docs" / "import.md").read_text(encoding="utf-8")
    for file, wanted in columns(ZONE).items():
        section = text.split(f"## {file}")[1].split("\n## ")[0]
        assert re.findall(r"^\| `(\w+)` \|", section, re.M) == [column.name for column in wanted]
