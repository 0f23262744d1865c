"""Training data read once: Rasa's own reader is asked for the same files by three of its layers, and parses them each time.

Named in `config.yml` under `importers`, Rasa's extension point for that.
"""

from __future__ import annotations

from typing import Any

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.training_data import TrainingData


class OnceImporter(RasaFileImporter):
    """Rasa merges what it gets into data of its own, so that one reading serves all."""

    _read: dict[str, TrainingData] | None = None

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """The examples of all files; `language` as Rasa asks for it."""
        self._read = self._read or {}
        key = language or ""
        if key not in self._read:
            self._read[key] = super().get_nlu_data(language)
        return self._read[key]

    def get_domain(self) -> Any:
        """The domain, also read once."""
        self._domain = getattr(self, "_domain", None) or super().get_domain()
        return self._domain
