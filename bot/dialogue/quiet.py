"""Rasa's logs, silenced: at its default level it prints states, which costs time and shows personal data."""

from __future__ import annotations

import logging
import os
import warnings


def quiet() -> None:
    """Warnings and worse only; deprecations of pinned libraries are not the operator's business."""
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    for category in (DeprecationWarning, FutureWarning):
        warnings.filterwarnings("ignore", category=category)
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)
    logging.getLogger("rasa").setLevel(logging.WARNING)
    for noisy in ("matplotlib", "apscheduler", "jieba", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
