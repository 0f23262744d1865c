"""Triggers that refuse UPDATE, DELETE and TRUNCATE, on both engines: what happened stays as it was written.

The refusal is an integrity error on both, so that it is never taken for a database that is away.
"""

from __future__ import annotations

from collections.abc import Iterable

PG_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'append-only table %', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END; $$ LANGUAGE plpgsql
"""


def statements(dialect: str, tables: Iterable[str]) -> list[str]:
    """The DDL for `tables`."""
    made = [] if dialect == "sqlite" else [PG_FUNCTION]
    for table in tables:
        if dialect == "sqlite":
            made += [
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'append-only table {table}'); END"
                for change in ("UPDATE", "DELETE")
            ]
        else:
            made += [
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
                for change, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT"))
            ]
    return made
