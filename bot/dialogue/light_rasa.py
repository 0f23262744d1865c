"""Rasa without the client libraries of platforms and stores that this process never talks to.

Reason: importing Rasa imports every chat platform's and database's client, a second of start and thirty megabytes, though
Daihou brings its own channels and store. Here those names give empty modules, as the TensorFlow stand-in does. Only in
processes that call `leave_out` (ours, before they load Rasa): `rasa …` commands have them all.
`tests/dialogue/test_light_rasa.py` compares; `RASA_DIRECT=0` turns it off.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec

import daihou_tf_standin

CLIENTS = frozenset(
    {
        "aio_pika", "aiogram", "boto3", "botocore", "confluent_kafka", "fbmessenger", "kafka", "mattermostwrapper", "pika",
        "pymongo", "redis", "rocketchat_API", "slack_sdk", "twilio", "webexteamssdk",
    }
)  # fmt: skip


class _Finder(daihou_tf_standin._Finder):
    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return ModuleSpec(fullname, self, is_package=True) if fullname.partition(".")[0] in CLIENTS else None


def leave_out() -> bool:
    """Have Rasa do without them from now on; False where Rasa is imported already, and nothing is changed."""
    if "rasa.core" in sys.modules or any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return False
    sys.meta_path.insert(0, _Finder())
    return True
