"""Tables of the lender's book. The ledger, payments and plans are append-only: triggers refuse changes.

Amounts are integer cents, rates decimal text (SQLite keeps no decimals), dates ISO, moments `Instant`.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.instant import Instant

metadata = sa.MetaData()

customers = sa.Table(
    "customers",
    metadata,
    sa.Column("customer_id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("id_number", sa.String(32), nullable=False),
)

contact_points = sa.Table(
    "contact_points",
    metadata,
    sa.Column("customer_id", sa.String(32), sa.ForeignKey("customers.customer_id"), primary_key=True),
    sa.Column("kind", sa.String(10), primary_key=True),  # phone | email
    sa.Column("value", sa.String(120), primary_key=True),
    sa.Column("verified", sa.Boolean, nullable=False),
)
sa.Index("ix_contact_points_value", contact_points.c.value)

products = sa.Table(
    "products",
    metadata,
    sa.Column("product_id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("rules", sa.JSON, nullable=False),  # see bot.store.rows.product_rules
)

loans = sa.Table(
    "loans",
    metadata,
    sa.Column("loan_id", sa.String(32), primary_key=True),
    sa.Column("customer_id", sa.String(32), sa.ForeignKey("customers.customer_id"), nullable=False),
    sa.Column("product_id", sa.String(32), sa.ForeignKey("products.product_id"), nullable=False),
    sa.Column("principal", sa.BigInteger, nullable=False),
    sa.Column("method", sa.String(20), nullable=False),
    sa.Column("periods", sa.Integer, nullable=False),
    sa.Column("annual_rate", sa.String(20)),
    sa.Column("flat_monthly_rate", sa.String(20)),
    sa.Column("day_count", sa.String(10), nullable=False),
    sa.Column("disbursed_on", sa.Date, nullable=False),
    sa.Column("first_due_on", sa.Date, nullable=False),
    sa.Column("autopay_card", sa.String(4)),
)
sa.Index("ix_loans_customer", loans.c.customer_id)

instalments = sa.Table(
    "instalments",
    metadata,
    sa.Column("loan_id", sa.String(32), sa.ForeignKey("loans.loan_id"), primary_key=True),
    sa.Column("plan_version", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("principal", sa.BigInteger, nullable=False),
    sa.Column("interest", sa.BigInteger, nullable=False),
    sa.Column("balance", sa.BigInteger, nullable=False),
    sa.Column("days", sa.Integer),
    # what an arrangement brought over from before it
    sa.Column("carried_fee", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("carried_penalty", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("carried_compound", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("carried_interest", sa.BigInteger, nullable=False, server_default="0"),
)

payments = sa.Table(
    "payments",
    metadata,
    sa.Column("payment_id", sa.String(64), primary_key=True),
    sa.Column("loan_id", sa.String(32), sa.ForeignKey("loans.loan_id"), nullable=False),
    sa.Column("cents", sa.BigInteger, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("booked_at", Instant, nullable=False),
)
sa.Index("ix_payments_loan", payments.c.loan_id)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("loan_id", sa.String(32), sa.ForeignKey("loans.loan_id"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("on_day", sa.Date, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("cents", sa.BigInteger, nullable=False),
    sa.Column("component", sa.String(10)),
    sa.Column("instalment", sa.Integer),
    sa.Column("payment_id", sa.String(64)),
    sa.Column("plan_version", sa.Integer),
    sa.Column("reverses", sa.Integer),
    sa.Column("note", sa.String(80), nullable=False, server_default=""),
)

counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value", sa.Integer, nullable=False),
)

APPEND_ONLY = ("ledger", "payments", "instalments")
