"""The lender's book: customers, contact points, products, loans, plans, payments, ledger, counters.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.append_only import statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "customers",
        sa.Column("customer_id", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("id_number", sa.String(32), nullable=False),
    )
    op.create_table(
        "contact_points",
        sa.Column("customer_id", sa.String(32), sa.ForeignKey("customers.customer_id"), primary_key=True),
        sa.Column("kind", sa.String(10), primary_key=True),
        sa.Column("value", sa.String(120), primary_key=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_contact_points_value", "contact_points", ["value"])
    op.create_table(
        "products",
        sa.Column("product_id", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
    )
    op.create_table(
        "loans",
        sa.Column("loan_id", sa.String(32), primary_key=True),
        sa.Column("customer_id", sa.String(32), sa.ForeignKey("customers.customer_id"), nullable=False),
        sa.Column("product_id", sa.String(32), sa.ForeignKey("products.product_id"), nullable=False),
        sa.Column("principal", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(20), nullable=False),
        sa.Column("periods", sa.Integer(), nullable=False),
        sa.Column("annual_rate", sa.String(20)),
        sa.Column("flat_monthly_rate", sa.String(20)),
        sa.Column("day_count", sa.String(10), nullable=False),
        sa.Column("disbursed_on", sa.Date(), nullable=False),
        sa.Column("first_due_on", sa.Date(), nullable=False),
        sa.Column("autopay_card", sa.String(4)),
    )
    op.create_index("ix_loans_customer", "loans", ["customer_id"])
    op.create_table(
        "instalments",
        sa.Column("loan_id", sa.String(32), sa.ForeignKey("loans.loan_id"), primary_key=True),
        sa.Column("plan_version", sa.Integer(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("principal", sa.BigInteger(), nullable=False),
        sa.Column("interest", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("days", sa.Integer()),
    )
    op.create_table(
        "payments",
        sa.Column("payment_id", sa.String(64), primary_key=True),
        sa.Column("loan_id", sa.String(32), sa.ForeignKey("loans.loan_id"), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("booked_at", MOMENT, nullable=False),
    )
    op.create_index("ix_payments_loan", "payments", ["loan_id"])
    op.create_table(
        "ledger",
        sa.Column("loan_id", sa.String(32), sa.ForeignKey("loans.loan_id"), primary_key=True),
        sa.Column("seq", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("component", sa.String(10)),
        sa.Column("instalment", sa.Integer()),
        sa.Column("payment_id", sa.String(64)),
        sa.Column("plan_version", sa.Integer()),
        sa.Column("reverses", sa.Integer()),
        sa.Column("note", sa.String(80), nullable=False, server_default=""),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.Integer(), nullable=False),
    )
    for statement in statements(op.get_bind().dialect.name, ("ledger", "payments", "instalments")):
        op.execute(statement)
