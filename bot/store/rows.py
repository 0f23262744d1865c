"""Rows to values and back: the one place that knows how a loan lies in the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from bot.lending.loan import (
    NOTHING,
    Amount,
    Component,
    DayCount,
    Entry,
    EntryKind,
    FeeStep,
    Instalment,
    Loan,
    Method,
    Product,
    Terms,
)


def product_rules(product: Product) -> dict[str, Any]:
    """The `rules` column: decimals as text."""
    return {
        "penalty_factor": str(product.penalty_factor),
        "penalty_day_count": product.penalty_day_count.value,
        "prepay_fee": [[step.months, str(step.rate)] for step in product.prepay_fee],
        "principal_first_from_dpd": product.principal_first_from_dpd,
        "grace_days": product.grace_days,
        "penalty_after_grace": product.penalty_after_grace,
    }


def product(product_id: str, name: str, rules: Mapping[str, Any]) -> Product:
    return Product(
        product_id=product_id,
        name=name,
        penalty_factor=Decimal(rules["penalty_factor"]),
        penalty_day_count=DayCount(rules["penalty_day_count"]),
        prepay_fee=tuple(FeeStep(int(months), Decimal(rate)) for months, rate in rules["prepay_fee"]),
        principal_first_from_dpd=rules["principal_first_from_dpd"],
        grace_days=rules.get("grace_days", 0),
        penalty_after_grace=rules.get("penalty_after_grace", False),
    )


def terms(row: Mapping[str, Any]) -> Terms:
    return Terms(
        principal=row["principal"],
        method=Method(row["method"]),
        periods=row["periods"],
        disbursed_on=row["disbursed_on"],
        first_due_on=row["first_due_on"],
        annual_rate=_decimal(row["annual_rate"]),
        flat_monthly_rate=_decimal(row["flat_monthly_rate"]),
        day_count=DayCount(row["day_count"]),
    )


def loan_row(loan: Loan) -> dict[str, Any]:
    agreed = loan.terms
    return {
        "loan_id": loan.loan_id,
        "customer_id": loan.customer_id,
        "product_id": loan.product.product_id,
        "principal": agreed.principal,
        "method": agreed.method.value,
        "periods": agreed.periods,
        "annual_rate": _text(agreed.annual_rate),
        "flat_monthly_rate": _text(agreed.flat_monthly_rate),
        "day_count": agreed.day_count.value,
        "disbursed_on": agreed.disbursed_on,
        "first_due_on": agreed.first_due_on,
        "autopay_card": loan.autopay_card,
    }


def instalment_rows(loan_id: str, version: int, plan: Iterable[Instalment]) -> list[dict[str, Any]]:
    return [
        {
            "loan_id": loan_id,
            "plan_version": version,
            "number": line.number,
            "due_on": line.due_on,
            "principal": line.principal,
            "interest": line.interest,
            "balance": line.balance,
            "days": line.days,
            "carried_fee": line.carried.fee,
            "carried_penalty": line.carried.penalty,
            "carried_compound": line.carried.compound,
            "carried_interest": line.carried.interest,
        }
        for line in plan
    ]


def instalment(row: Mapping[str, Any]) -> Instalment:
    carried = Amount(row["carried_fee"], row["carried_penalty"], row["carried_compound"], row["carried_interest"])
    return Instalment(
        row["number"],
        row["due_on"],
        row["principal"],
        row["interest"],
        row["balance"],
        row["days"],
        carried if carried.total else NOTHING,
    )


def entry_row(loan_id: str, entry: Entry) -> dict[str, Any]:
    return {
        "loan_id": loan_id,
        "seq": entry.seq,
        "kind": entry.kind.value,
        "on_day": entry.on,
        "at": entry.at,
        "cents": entry.cents,
        "component": entry.component.value if entry.component else None,
        "instalment": entry.instalment,
        "payment_id": entry.payment_id,
        "plan_version": entry.plan_version,
        "reverses": entry.reverses,
        "note": entry.note,
    }


def entry(row: Mapping[str, Any]) -> Entry:
    return Entry(
        row["seq"],
        EntryKind(row["kind"]),
        row["on_day"],
        row["at"],
        row["cents"],
        Component(row["component"]) if row["component"] else None,
        row["instalment"],
        row["payment_id"],
        row["plan_version"],
        row["reverses"],
        row["note"],
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)
