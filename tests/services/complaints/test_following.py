"""The signed link and the code of a third party: they show little, open once, and end."""

from __future__ import annotations

import pytest

from bot.services.complaints import following
from bot.services.complaints.rows import case
from tests.fakes import FakeClock
from tests.services.complaining import (
    PHONED,
    Hands,
)


def test_a_link_shows_little_and_can_be_revoked(hands: Hands, clock: FakeClock) -> None:
    made = hands.lodge()
    basis = hands.services.complaints.basis
    key = following.address(basis, made.ref, made.link_id).partition("k=")[2]
    row = hands.write(lambda c, now: following.read(c, basis, key))
    seen = hands.write(lambda c, now: following.seen(c, basis, row, now))
    assert (seen.ref, seen.state, seen.by) == (made.ref, "triaged", "2026-03-20")
    assert PHONED not in repr(seen)
    for bad in ("", "x", key[:-2] + "zz", key + "a"):
        with pytest.raises(Exception, match="not valid") as refused:
            hands.write(lambda c, now, one=bad: following.read(c, basis, one))
        assert getattr(refused.value, "code", "") == "link"
    clock.forward(days=30)
    with pytest.raises(Exception, match="not valid"):
        hands.write(lambda c, now: following.read(c, basis, key))


def test_revoked_links_do_not_open(hands: Hands) -> None:
    made = hands.lodge()
    basis = hands.services.complaints.basis
    key = following.address(basis, made.ref, made.link_id).partition("k=")[2]
    assert hands.write(lambda c, now: following.revoke(c, basis, made.ref)) == 1
    with pytest.raises(Exception, match="not valid"):
        hands.write(lambda c, now: following.read(c, basis, key))


def test_a_third_party_s_code_opens_once_and_guessing_ends(hands: Hands, clock: FakeClock) -> None:
    stranger = {"sender": "phone:x", "customer_id": None, "complainant": "third_party", "phone": "13900001111"}
    made = hands.lodge("我不是借款人，催收天天打我电话", **stranger)
    basis = hands.services.complaints.basis

    def code() -> str:
        hands.write(lambda c, now: following.send_code(c, basis, case(c, made.ref), now))
        return hands.sent()[-1].split("验证码 ")[1][:6]

    def enter(tried: str) -> str | None:
        key: str | None = hands.write(lambda c, now: following.open_visit(c, basis, case(c, made.ref), tried, now))
        return key

    right = code()
    assert enter("000000" if right != "000000" else "111111") is None
    key = enter(right)
    assert key is not None
    assert following.visited(basis, key) == made.ref
    assert enter(right) is None  # once
    right = code()
    for _ in range(5):
        assert enter("999999" if right != "999999" else "888888") is None
    assert enter(right) is None
    assert "欠" not in " ".join(hands.sent())


def test_a_borrower_s_case_never_opens_by_a_code(hands: Hands) -> None:
    made = hands.lodge(phone="13900001111")
    basis = hands.services.complaints.basis
    with pytest.raises(Exception, match="conversation"):
        hands.write(lambda c, now: following.send_code(c, basis, case(c, made.ref), now))
