"""Health, metrics, headers, the demo's doors, secrets, the end of a process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from tests.processes import ROOT, Server


def test_health_is_ready_and_names_the_model(http: httpx.Client) -> None:
    body = http.get("/health").json()
    assert body["live"]
    assert body["ready"]
    assert body["model"] == "fake-1"


def test_metrics_count_messages(http: httpx.Client) -> None:
    http.post("/webhooks/rest/webhook", json={"sender": "m", "message": "你好"})
    text = http.get("/metrics").text
    assert 'daihou_messages_accepted_total{channel="rest"}' in text
    assert "daihou_turn_seconds_bucket" in text


def test_every_answer_has_the_security_headers(http: httpx.Client) -> None:
    for path in ("/health", "/nothing", "/"):
        headers = http.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_demo_borrowers_and_outbox(http: httpx.Client) -> None:
    assert [one["customer_id"] for one in http.get("/demo/borrowers").json()] == [f"C100{n}" for n in range(1, 9)]
    assert http.get("/demo/outbox", params={"to": "13899999999"}).json() == []
    assert http.get("/demo/outbox").status_code == 400
    assert http.post("/demo/login", json={"customer_id": "C9999", "acr": "2"}).status_code == 404
    assert http.post("/demo/login", json={"customer_id": "C1001", "acr": "3"}).status_code == 400


def test_logs_hold_no_words_and_no_numbers_of_a_person(server: Server, http: httpx.Client) -> None:
    http.post(
        "/webhooks/rest/webhook", json={"sender": "13711112222", "message": "出错 13733334444 身份证110101199003078515"}
    )
    log = server.log.read_text()
    assert "turn failed" in log
    for secret in ("13711112222", "13733334444", "110101199003078515", "出错"):
        assert secret not in log


def test_without_demo_the_doors_are_closed(tmp_path: Path) -> None:
    server = Server(
        tmp_path,
        DEMO="0",
        IDENTITY_SECRET="i" * 40,
        SESSION_SECRET="s" * 40,
        REST_TOKEN="rest-token",
        STAFF_SECRET="k" * 40,
    ).start()
    try:
        for method, path in (("GET", "/demo/borrowers"), ("POST", "/demo/login"), ("GET", "/demo/outbox?to=1")):
            assert httpx.request(method, server.url + path).status_code == 404
        body = {"sender": "u", "message": "你好"}
        route = server.url + "/webhooks/rest/webhook"
        assert httpx.post(route, json=body).status_code == 401
        assert httpx.post(route, json=body, headers={"Authorization": "Bearer wrong"}).status_code == 401
        assert httpx.post(route, json=body, headers={"Authorization": "Bearer rest-token"}).status_code == 200
    finally:
        assert server.stop() == 0


@pytest.mark.parametrize("missing", ["IDENTITY_SECRET", "SESSION_SECRET", "REST_TOKEN", "STAFF_SECRET"])
def test_serve_without_demo_names_the_missing_secret(tmp_path: Path, missing: str) -> None:
    env = {
        **os.environ,
        "DEMO": "0",
        "IDENTITY_SECRET": "i" * 40,
        "SESSION_SECRET": "s" * 40,
        "REST_TOKEN": "r" * 40,
        "STAFF_SECRET": "k" * 40,
        "VAR_DIR": str(tmp_path),
    }
    del env[missing]
    ended = subprocess.run(
        [sys.executable, "-m", "bot", "serve"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 1
    assert missing in ended.stderr


def test_serve_on_a_taken_port_says_so(server: Server, tmp_path: Path) -> None:
    env = {**server.env, "VAR_DIR": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-m", "bot", "serve"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 1
    assert "PORT" in ended.stderr


def test_stop_finishes_what_runs_and_refuses_new(tmp_path: Path) -> None:
    server = Server(tmp_path, FAKE_SLOW="2").start()
    route = server.url + "/webhooks/rest/webhook"
    answers: list[httpx.Response] = []
    slow = threading.Thread(
        target=lambda: answers.append(httpx.post(route, json={"sender": "u", "message": "慢"}, timeout=30))
    )
    with httpx.Client() as kept:
        kept.get(server.url + "/health")
        slow.start()
        time.sleep(0.7)
        assert server.process is not None
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        refused = kept.post(route, json={"sender": "u2", "message": "你好"})
        assert refused.status_code == 503
        assert refused.json()["code"] == "stopping"
    slow.join(20)
    assert answers[0].json()[0]["text"] == "echo: 慢"
    assert server.process.wait(20) == 0


def test_demo_secrets_survive_a_restart(tmp_path: Path) -> None:
    server = Server(tmp_path).start()
    session = httpx.post(server.url + "/web/session").json()["session"]
    assert server.stop() == 0
    server.start()
    assert httpx.post(server.url + "/web/session", json={"session": session}).json()["session"] == session
    assert (tmp_path / "demo-secrets.json").stat().st_mode & 0o077 == 0
    server.stop()


def test_widget_may_be_embedded_by_the_named_origins_only(tmp_path: Path) -> None:
    server = Server(tmp_path, WIDGET_ORIGINS="https://lender.test https://app.lender.test").start()
    try:
        asked = {"Origin": "https://lender.test", "Access-Control-Request-Method": "POST"}
        preflight = httpx.options(server.url + "/web/messages", headers=asked)
        assert preflight.status_code == 204
        assert preflight.headers["access-control-allow-origin"] == "https://lender.test"
        assert "access-control-allow-origin" in httpx.post(server.url + "/web/session", headers=asked).headers
        stranger = httpx.post(server.url + "/web/session", headers={"Origin": "https://evil.test"})
        assert "access-control-allow-origin" not in stranger.headers
        rest = httpx.post(server.url + "/webhooks/rest/webhook", headers=asked, json={"sender": "u", "message": "你好"})
        assert "access-control-allow-origin" not in rest.headers
    finally:
        server.stop()


@pytest.mark.parametrize(
    "request_bytes, status",
    [
        (b"GET /assets/%00 HTTP/1.1\r\n", 404),
        (b"GET /assets/" + b"a" * 3000 + b" HTTP/1.1\r\n", 404),
        (b"GET /assets/..%2f..%2fserver.py HTTP/1.1\r\n", 404),
        (b"GET /%ff%fe HTTP/1.1\r\n", 404),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n", 413),
        (b"GET / HTTP/9.9\r\n", 400),
        (b"POST /web/session HTTP/1.1\r\nContent-Length: abc\r\n", 400),
        (b"POST /web/session HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET /web/messages HTTP/1.1\r\nAuthorization: Bearer \xff\xff\r\n", 401),
        (b"GET /web/messages?after=%ff HTTP/1.1\r\nAuthorization: Bearer x\r\n", 401),
        (b"GET /web/ws HTTP/1.1\r\n", 426),
        (b"HEAD /nothing HTTP/1.1\r\n", 404),
        (b"TRACE / HTTP/1.1\r\n", 405),
    ],
)
def test_request_that_no_client_sends_is_refused_not_failed(server: Server, request_bytes: bytes, status: int) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as raw:
        raw.sendall(request_bytes + b"Host: x\r\nConnection: close\r\n\r\n")
        answer = raw.recv(65536)
    assert answer.split(b" ")[1] == str(status).encode(), answer[:300]
