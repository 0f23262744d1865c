"""The importer's products: rules that never change once stored, because loans run by them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.lending.loan import Product
from bot.store import rows
from bot.store.import_csv import Problem, Record
from bot.store.import_lookup import Counts
from bot.store.schema import products


class ProductsPart:
    def __init__(self, connection: Connection, records: list[Record], bad: set[str]) -> None:
        self._connection, self.problems, self.bad = connection, list[Problem](), bad
        self.known = {
            row.product_id: rows.product(row.product_id, row.name, row.rules)
            for row in connection.execute(sa.select(products))
        }
        self._new: list[Product] = []
        for record in records:
            made = Product(**record.values)
            before = self.known.setdefault(made.product_id, made)
            if before is made:
                self._new.append(made)
            elif before != made:
                self.problems.append(
                    record.problem(
                        "product_id", f"{made.product_id!r} is stored with other rules: give the new ones a new id"
                    )
                )
        self._same = len(records) - len(self._new)

    def write(self, _store: object, /) -> Counts:
        if self._new:
            self._connection.execute(
                products.insert(),
                [
                    {"product_id": one.product_id, "name": one.name, "rules": rows.product_rules(one)}
                    for one in self._new
                ],
            )
        return len(self._new), 0, self._same
