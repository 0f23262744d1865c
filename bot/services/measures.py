"""Prometheus figures of one process. Names of ours and counts; no ids, no personal data."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30)


class Measures:
    """One registry a service, so that tests can hold several."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.accepted = Counter("daihou_messages_accepted", "Messages stored", ["channel"], registry=self.registry)
        self.turns = Histogram(
            "daihou_turn_seconds",
            "From taking a message up to its stored answer",
            buckets=SECONDS,
            registry=self.registry,
        )
        self.failures = Counter("daihou_turns_failed", "Turns that an error ended", registry=self.registry)
        self.refused = Counter("daihou_requests_refused", "Requests refused", ["code"], registry=self.registry)
        self.sockets = Gauge("daihou_web_sockets", "Open web sockets", registry=self.registry)
        self.pending = Gauge("daihou_messages_pending", "Accepted messages without an answer", registry=self.registry)
        self.store_up = Gauge("daihou_store_up", "1 when the database took the last write", registry=self.registry)
        self.sent = Counter(
            "daihou_channel_messages",
            "Replies to platforms, by what became of them",
            ["channel", "state"],
            registry=self.registry,
        )
        self.send_seconds = Histogram(
            "daihou_channel_send_seconds",
            "Handing one reply over",
            ["channel"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.queued = Gauge(
            "daihou_channel_queued", "Replies that wait for a platform", ["channel"], registry=self.registry
        )
        self.hooks = Counter(
            "daihou_channel_hooks", "Requests of platforms", ["channel", "outcome"], registry=self.registry
        )
