"""The importer's customers: new ones are added, stored ones brought up to date (name, document, contact points)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.engine import Connection

from bot.store.import_csv import Problem, Record
from bot.store.import_lookup import Counts, stored
from bot.store.schema import contact_points, customers


class CustomersPart:
    def __init__(self, connection: Connection, records: list[Record], bad: set[str]) -> None:
        self._connection, self._records, self.problems = connection, records, list[Problem]()
        keys = [record.values["customer_id"] for record in records]
        self._stored = {
            row.customer_id: (row.name, row.id_number)
            for row in stored(connection, customers, customers.c.customer_id, keys)
        }
        self._contacts: dict[tuple[str, str], set[tuple[str, bool]]] = {}
        for row in stored(connection, contact_points, contact_points.c.customer_id, keys):
            self._contacts.setdefault((row.customer_id, row.kind), set()).add((row.value, row.verified))
        self._ids = {*keys, *bad}
        self._moved = {record.values["customer_id"] for record in records if "phone" in record.values}
        self._check_phones()

    def strangers(self, customer_ids: Iterable[str]) -> set[str]:
        """Those of `customer_ids` that are neither in the file nor in the store."""
        unknown = set(customer_ids) - self._ids
        return unknown - {
            row.customer_id for row in stored(self._connection, customers, customers.c.customer_id, unknown)
        }

    def _check_phones(self) -> None:
        """A verified phone belongs to one customer: it is what a borrower logs in with."""
        verified = {record.values["phone"]: record for record in self._records[::-1] if _is_verified(record)}
        for record in self._records:
            first = verified.get(record.values.get("phone", ""))
            if _is_verified(record) and first is not record and first is not None:
                self.problems.append(
                    record.problem(
                        "phone", f"is also the verified phone of {first.values['customer_id']} in line {first.line}"
                    )
                )
        for row in stored(self._connection, contact_points, contact_points.c.value, verified):
            if row.kind == "phone" and row.verified and row.customer_id not in self._moved:
                record = verified[row.value]
                if record.values["customer_id"] != row.customer_id:
                    self.problems.append(record.problem("phone", f"is the verified phone of {row.customer_id}"))

    def write(self, _store: object, /) -> Counts:
        new, changed, contacts = [], 0, list[dict[str, Any]]()
        for record in self._records:
            key = record.values["customer_id"]
            person = record.values["name"], record.values["id_number"]
            moved = [kind for kind in ("phone", "email") if self._differs(record, key, kind)]
            contacts += [contact for kind in moved for contact in _contacts(record, kind)]
            if key not in self._stored:
                new.append({"customer_id": key, "name": person[0], "id_number": person[1]})
                continue
            changed += bool(moved) or self._stored[key] != person
            self._update(key, person, moved)
        for table, made in ((customers, new), (contact_points, contacts)):
            if made:
                self._connection.execute(table.insert(), made)
        return len(new), changed, len(self._records) - len(new) - changed

    def _differs(self, record: Record, key: str, kind: str) -> bool:
        """Whether the file has that column and says something else than the store."""
        found = {(one["value"], one["verified"]) for one in _contacts(record, kind)}
        return kind in record.values and found != self._contacts.get((key, kind), set())

    def _update(self, key: str, person: tuple[str, str], moved: list[str]) -> None:
        mine = customers.c.customer_id == key
        if self._stored[key] != person:
            self._connection.execute(customers.update().where(mine).values(name=person[0], id_number=person[1]))
        for kind in moved:
            old = contact_points.delete().where(contact_points.c.customer_id == key, contact_points.c.kind == kind)
            self._connection.execute(old)


def _contacts(record: Record, kind: str) -> list[dict[str, Any]]:
    value = record.values.get(kind)
    if not value:
        return []
    verified = kind == "phone" and _is_verified(record)
    return [{"customer_id": record.values["customer_id"], "kind": kind, "value": value, "verified": verified}]


def _is_verified(record: Record) -> bool:
    return bool(record.values.get("phone")) and bool(record.values["phone_verified"])
