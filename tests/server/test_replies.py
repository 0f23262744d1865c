"""What a route gives is JSON, whatever kind of str names a column and whatever kind of float a statistic is."""

from __future__ import annotations

import numpy as np
import orjson
from sqlalchemy.sql.elements import quoted_name

from bot.channels.replies import as_json


def test_names_of_columns_and_numbers_of_statistics_are_plain_json() -> None:
    body = {quoted_name("alarm_id", None): "a", "share": np.float64(0.5), "low": [np.float64(0.25)]}
    assert orjson.loads(as_json(body).body) == {"alarm_id": "a", "share": 0.5, "low": [0.25]}
