"""`daihou migrate`, `seed`, `import` and `demo` as an operator runs them."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.settings import ROOT, Settings
from bot.store.clock import DemoClock, SystemClock
from bot.store.database import Database, make_engine
from bot.store.loans import SqlLoanStore

SAMPLE = ROOT / "docs" / "sample-book"


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    made = f"sqlite:///{tmp_path / 'var' / 'daihou.db'}"
    monkeypatch.setenv("DATABASE_URL", made)
    monkeypatch.setenv("DEMO", "1")
    return made


def store(url: str) -> SqlLoanStore:
    database = Database(make_engine(url))
    return SqlLoanStore(database, DemoClock(database), Settings().timezone)


def test_seed_writes_the_demo_book_once(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["seed"]) == 0
    assert main(["seed"]) == 0
    assert capsys.readouterr().out == "demo book written\ndemo book is there already\n"
    assert store(url).customer("C1001").name == "王小明"


def test_seed_customers_writes_a_synthetic_book(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.synthetic.PATTERNS", 10)
    assert main(["seed", "--customers", "12"]) == 0
    assert store(url).customer("SYN0000012").customer_id == "SYN0000012"
    assert main(["seed", "--customers", "0"]) == 1


def test_migrate_makes_the_tables(url: str) -> None:
    assert main(["migrate"]) == 0
    assert store(url).loans("C1001") == ()


def test_import_takes_the_sample_over_and_names_bad_rows(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", str(SAMPLE)]) == 0
    assert "payments.csv: 4 new, 0 changed, 0 as stored\n" in capsys.readouterr().out
    folder = Path(shutil.copytree(SAMPLE, tmp_path / "book"))
    payments = folder / "payments.csv"
    payments.write_text(payments.read_text().replace("1072", "0"))
    assert main(["import", str(folder)]) == 1
    assert "payments.csv:4: amount: " in capsys.readouterr().err
    assert main(["import", str(tmp_path / "nowhere")]) == 1


def test_demo_pay_books_once_an_id(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["seed"])
    before = len(store(url).payments("LN1002"))
    for _ in range(2):
        assert main(["demo", "pay", "LN1002", "100.50", "--id", "X1"]) == 0
    assert main(["demo", "pay", "LN1002", "100.50"]) == 0
    assert len(store(url).payments("LN1002")) == before + 2
    assert "X1: ¥100.50 to LN1002: " in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [["LN9999", "1"], ["LN1002", "0"], ["LN1002", "-5"], ["LN1002", "1e9"], ["LN1002", "10000000000000"]]
)
def test_demo_pay_refuses_nonsense(url: str, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    main(["seed"])
    ledger = store(url).loan("LN1002").entries
    try:
        code = main(["demo", "pay", *words])
    except SystemExit as wrong_words:
        code = int(wrong_words.code or 0)
    assert code in (1, 2)
    assert capsys.readouterr().err
    assert store(url).loan("LN1002").entries == ledger


def test_demo_pay_with_the_id_of_another_loan_is_refused(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["seed"])
    main(["demo", "pay", "LN1002", "100", "--id", "X1"])
    assert main(["demo", "pay", "LN1001", "100", "--id", "X1"]) == 1
    assert "X1" in capsys.readouterr().err


def test_demo_advance_moves_the_clock_and_penalties(url: str) -> None:
    main(["seed"])
    assert main(["demo", "advance", "40"]) == 0
    database = Database(make_engine(url))
    moved = DemoClock(database).now() - SystemClock().now()
    assert abs(moved - timedelta(days=40)) < timedelta(minutes=1)
    assert main(["demo", "pay", "LN1001", "1"]) == 0  # a moment that is future by the system's clock
    assert main(["demo", "advance", "0"]) == 1
    assert main(["demo", "advance", "99999"]) == 1


@pytest.mark.parametrize("words", [["pay", "LN1001", "1"], ["advance", "1"]])
def test_demo_is_refused_without_the_switch(
    url: str, words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DEMO", "0")
    assert main(["demo", *words]) == 1
    assert "DEMO=1" in capsys.readouterr().err


def test_commands_name_an_unreachable_database(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://root@127.0.0.1:1/none")
    assert main(["seed"]) == 1
    assert "database" in capsys.readouterr().err
