"""Search over what the lender answers (the FAQ responses) and how cases ended (closed handovers, masked).

Characters in pairs and triples, weighed by rarity (TF-IDF): Chinese needs no word list for it, typos cost little.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sklearn.feature_extraction.text import TfidfVectorizer
from sqlalchemy.engine import Connection

from bot.dialogue.readings import label, offered
from bot.nlu.normalise import normalise
from bot.nlu.redact import redact
from bot.store.desk_schema import handovers

FAQ = "/"  # in the name of every FAQ response: utter_<intent>/<item>
LEAST = 0.08  # of similarity, before something counts as found
CASES = 300  # the latest closed ones


class Knowledge:
    """Built from the response catalogue at first use."""

    def __init__(self, responses: dict[str, list[dict[str, Any]]]) -> None:
        self._texts = {name: str(variations[0]["text"]) for name, variations in responses.items() if FAQ in name}
        self._index: tuple[TfidfVectorizer, Any] | None = None

    def search(self, connection: Connection, words: str, most: int = 6) -> list[dict[str, Any]]:
        """Best first: kind (faq | case), title, text."""
        wanted = normalise(words).strip()
        if not wanted:
            return []
        vectoriser, index = self._built()
        names = list(self._texts)
        found = [
            (score, {"kind": "faq", "title": _title(names[at]), "text": self._texts[names[at]]})
            for at, score in enumerate((index @ vectoriser.transform([wanted]).T).toarray().ravel())
        ]
        found += self._cases(connection, wanted)
        best = sorted((one for one in found if one[0] >= LEAST), key=lambda one: -one[0])[:most]
        return [{**entry, "score": round(float(score), 3)} for score, entry in best]

    def _cases(self, connection: Connection, wanted: str) -> list[tuple[float, dict[str, Any]]]:
        query = (
            sa.select(handovers.c.ref, handovers.c.topic, handovers.c.outcome, handovers.c.summary)
            .where(handovers.c.status == "closed", handovers.c.summary.is_not(None), handovers.c.summary != "")
            .order_by(handovers.c.closed_at.desc())
            .limit(CASES)
        )
        closed = list(connection.execute(query))
        if not closed:
            return []
        vectoriser, _ = self._built()
        texts = [normalise(f"{one.topic} {one.summary}") for one in closed]
        scores = (vectoriser.transform(texts) @ vectoriser.transform([wanted]).T).toarray().ravel()
        return [
            (score, {"kind": "case", "title": f"{one.ref} {one.topic} {one.outcome}", "text": redact(one.summary)})
            for one, score in zip(closed, scores, strict=True)
        ]

    def _built(self) -> tuple[TfidfVectorizer, Any]:
        if self._index is None:
            vectoriser = TfidfVectorizer(analyzer="char", ngram_range=(2, 3), sublinear_tf=True)
            names = [normalise(name.removeprefix("utter_") + " " + text) for name, text in self._texts.items()]
            self._index = vectoriser, vectoriser.fit_transform(names)
        return self._index


def _title(name: str) -> str:
    """An answer's wish in plain words, and which of its answers it is."""
    intent, _, item = name.removeprefix("utter_").partition("/")
    return f"{label(intent, 'zh-Hans') if offered(intent) else intent} · {item}"
