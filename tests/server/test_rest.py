"""POST /webhooks/rest/webhook: Rasa's form, the stored answer, and every kind of bad input."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

ROUTE = "/webhooks/rest/webhook"


def say(http: httpx.Client, text: str, sender: str | None = None, **more: Any) -> httpx.Response:
    return http.post(ROUTE, json={"sender": sender or uuid.uuid4().hex, "message": text, **more})


def test_rest_answers_in_rasas_form(http: httpx.Client) -> None:
    answer = say(http, "你好", "borrower-1")
    assert answer.status_code == 200
    assert answer.json() == [{"recipient_id": "borrower-1", "text": "echo: 你好"}]


def test_rest_buttons_carry_payloads(http: httpx.Client) -> None:
    answer = say(http, "余额").json()
    assert answer[0]["text"]
    assert all(set(button) == {"title", "payload"} for reply in answer for button in reply.get("buttons", []))


def test_rest_same_message_id_same_text_gives_the_same_and_other_text_409(http: httpx.Client) -> None:
    first = say(http, "你好", "borrower-2", message_id="m1").json()
    assert say(http, "你好", "borrower-2", message_id="m1").json() == first
    conflict = say(http, "再见", "borrower-2", message_id="m1")
    assert conflict.status_code == 409
    assert set(conflict.json()) == {"code", "message"}


def test_rest_token_in_metadata_raises_the_level(http: httpx.Client) -> None:
    token = http.post("/demo/login", json={"customer_id": "C1002", "acr": "2"}).json()["token"]
    assert say(http, "余额", metadata={"identity_token": token}).json()[0]["text"] == "balance of C1002"


@pytest.mark.parametrize(
    "body, code",
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"[]", "not_an_object"),
        (b"null", "not_an_object"),
        (b'"x"', "not_an_object"),
        (b"\xff\xfe", "not_json"),
        (b'{"sender": "a", "message": "\\ud800"}', "not_json"),
        (b"[" * 20_000, "not_json"),
        (b'{"message": "x"}', "missing_field"),
        (b'{"sender": "a"}', "missing_field"),
        (b'{"sender": null, "message": "x"}', "missing_field"),
        (b'{"sender": 1, "message": "x"}', "wrong_type"),
        (b'{"sender": "a", "message": ["x"]}', "wrong_type"),
        (b'{"sender": "a", "message": {"text": "x"}}', "wrong_type"),
        (b'{"sender": "a", "message": true}', "wrong_type"),
        (b'{"sender": "a", "message": "x", "message_id": 7}', "wrong_type"),
        (b'{"sender": "a", "message": "x", "metadata": "x"}', "wrong_type"),
        (b'{"sender": "a", "message": "x", "metadata": {"identity_token": 5}}', "wrong_type"),
        (b'{"sender": "", "message": "x"}', "bad_value"),
        (b'{"sender": "a\\u0000", "message": "x"}', "bad_value"),
        (b'{"sender": "a\\u202e", "message": "x"}', "bad_value"),
        (b'{"sender": "a", "message": "x", "unknown": 1}', "unknown_field"),
    ],
)
def test_rest_bad_body_is_400_with_a_reason(http: httpx.Client, body: bytes, code: str) -> None:
    answer = http.post(ROUTE, content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_rest_long_fields_are_refused(http: httpx.Client) -> None:
    assert say(http, "x", "s" * 300).json()["code"] == "too_long"
    assert say(http, "x" * 25_000).json()["code"] == "too_long"
    too_large = say(http, "x" * 100_000)
    assert (too_large.status_code, too_large.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "字" * 10_000,
        "\u202e你好",
        "a\u0000b",
        "😀",
        "<script>alert(1)</script>",
        "'; DROP TABLE loans; --",
        '/query_balance{"amount": 1}',
        "/restart",
        "/session_start",
        "{{7*7}}",
        "%s%s%n",
        "2月30日还0元",
        "还-5元",
        "还1000000000000000元",
    ],
)
def test_rest_strange_message_is_answered(http: httpx.Client, text: str) -> None:
    answer = say(http, text)
    assert answer.status_code == 200
    assert answer.json()[0]["text"]


@pytest.mark.parametrize(
    "method, path, status",
    [
        ("GET", ROUTE, 405),
        ("GET", "/nothing", 404),
        ("POST", "/health", 405),
        ("GET", "/conversations/x/tracker", 404),
        ("GET", "/status", 404),
        ("GET", "/assets/../../server.py", 404),
        ("GET", "/assets/%2e%2e/%2e%2e/server.py", 404),
    ],
)
def test_unknown_address_or_method_is_json(http: httpx.Client, method: str, path: str, status: int) -> None:
    answer = http.request(method, path)
    if answer.json()["code"] != "pages_not_built":
        assert answer.status_code == status
    assert set(answer.json()) == {"code", "message"}
