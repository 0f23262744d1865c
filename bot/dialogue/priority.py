"""Which of two wishes in one message is served first: safety, a person, a complaint, money at risk, a request, a question."""

from __future__ import annotations

from bot.names import Intent

SAFETY, PERSON, COMPLAINT, MONEY, REQUEST, QUESTION = range(6)
_TIERS = {
    SAFETY: (Intent.SELF_HARM,),
    PERSON: (Intent.TALK_TO_HUMAN,),
    COMPLAINT: (Intent.COLLECTIONS_COMPLAINT, Intent.COMPLAINT, Intent.STOP_CONTACT),
    MONEY: (
        Intent.NOT_MY_LOAN,
        Intent.THIRD_PARTY,
        Intent.DISPUTE_CHARGE,
        Intent.PAYMENT_NOT_REFLECTED,
        Intent.PAYMENT_FAILED,
        Intent.VERIFY_CONTACT,
        Intent.CANNOT_REPAY,
    ),
    REQUEST: (
        Intent.NEGOTIATE_PLAN,
        Intent.REQUEST_EXTENSION,
        Intent.REQUEST_INSTALMENT,
        Intent.REQUEST_WAIVER,
        Intent.PROMISE_TO_PAY,
        Intent.CHANGE_DUE_DATE,
        Intent.CHANGE_REPAYMENT_METHOD,
        Intent.CHANGE_BANK_CARD,
        Intent.CHANGE_CONTACT_INFO,
        Intent.CLOSE_ACCOUNT,
        Intent.REFUND,
        Intent.EARLY_REPAYMENT,
        Intent.SETTLEMENT_CERTIFICATE,
        Intent.CONTRACT_COPY,
        Intent.PRIVACY_REQUEST,
        Intent.REQUEST_CALLBACK,
    ),
}
_TIER = {intent.value: tier for tier, intents in _TIERS.items() for intent in intents}


def tier(intent: str) -> int:
    """The lower, the sooner served."""
    return _TIER.get(intent, QUESTION)
