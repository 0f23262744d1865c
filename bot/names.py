"""Every intent, entity, slot and action name that Python uses, once.

A test compares them with `domain.yml` both ways, so that a name typed here and missing there
(or the reverse) fails before anyone runs it. Responses are named by their use in `actions`.
"""

from __future__ import annotations

from enum import Enum


class _Name(str, Enum):
    def __str__(self) -> str:
        return str(self.value)


class Intent(_Name):
    """The taxonomy. Fixed: tests, dashboards and evaluation sets use these names."""

    QUERY_BALANCE = "query_balance"
    QUERY_DUE = "query_due"
    QUERY_BILL_DETAIL = "query_bill_detail"
    QUERY_SCHEDULE = "query_schedule"
    QUERY_PAYMENT_HISTORY = "query_payment_history"
    QUERY_LOAN_INFO = "query_loan_info"
    QUERY_LIMIT = "query_limit"
    QUERY_RATE_FEE = "query_rate_fee"
    QUERY_OFFERS = "query_offers"
    HOW_TO_REPAY = "how_to_repay"
    MINIMUM_PAYMENT = "minimum_payment"
    PAYMENT_FAILED = "payment_failed"
    PAYMENT_NOT_REFLECTED = "payment_not_reflected"
    AUTOPAY = "autopay"
    CHANGE_BANK_CARD = "change_bank_card"
    EARLY_REPAYMENT = "early_repayment"
    EARLY_REPAYMENT_FEE = "early_repayment_fee"
    REFUND = "refund"
    CHANGE_DUE_DATE = "change_due_date"
    CHANGE_REPAYMENT_METHOD = "change_repayment_method"
    REQUEST_INSTALMENT = "request_instalment"
    REQUEST_EXTENSION = "request_extension"
    CANNOT_REPAY = "cannot_repay"
    NEGOTIATE_PLAN = "negotiate_plan"
    REQUEST_WAIVER = "request_waiver"
    PROMISE_TO_PAY = "promise_to_pay"
    OVERDUE_STATUS = "overdue_status"
    OVERDUE_CONSEQUENCE = "overdue_consequence"
    CREDIT_REPORT = "credit_report"
    ACCOUNT_FROZEN = "account_frozen"
    SETTLEMENT_CERTIFICATE = "settlement_certificate"
    CONTRACT_COPY = "contract_copy"
    CHANGE_CONTACT_INFO = "change_contact_info"
    CLOSE_ACCOUNT = "close_account"
    NOT_MY_LOAN = "not_my_loan"
    VERIFY_CONTACT = "verify_contact"
    DISPUTE_CHARGE = "dispute_charge"
    COLLECTIONS_COMPLAINT = "collections_complaint"
    STOP_CONTACT = "stop_contact"
    THIRD_PARTY = "third_party"
    COMPLAINT = "complaint"
    COMPLAINT_STATUS = "complaint_status"
    REQUEST_STATUS = "request_status"
    TALK_TO_HUMAN = "talk_to_human"
    REQUEST_CALLBACK = "request_callback"
    FEEDBACK = "feedback"
    PRIVACY_REQUEST = "privacy_request"
    MONEY_GUIDANCE = "money_guidance"
    NEW_LOAN = "new_loan"
    INFORM = "inform"
    GREET = "greet"
    GOODBYE = "goodbye"
    THANK = "thank"
    AFFIRM = "affirm"
    DENY = "deny"
    CANCEL = "cancel"
    REPEAT = "repeat"
    ASK_CAPABILITIES = "ask_capabilities"
    BOT_CHALLENGE = "bot_challenge"
    CHITCHAT = "chitchat"
    ABUSE = "abuse"
    SELF_HARM = "self_harm"
    OUT_OF_SCOPE = "out_of_scope"
    FALLBACK = "nlu_fallback"  # ours, not of the taxonomy: the model is not sure


class Entity(_Name):
    """What the extractors find. `value` forms: see `bot.nlu`."""

    AMOUNT = "amount"  # int cents
    DATE = "date"  # the words; read with bot.nlu.values.read_date(words, today)
    PHONE = "phone"  # 11 digits; redacted before the tracker
    ID_TAIL = "id_tail"  # last four of an id number; redacted before the tracker
    LOAN_NUMBER = "loan_number"  # "LN1004A"
    ORDINAL = "ordinal"  # int, 1 = first; -1 = last; 0 = "the other one"
    TERM = "term"  # int months or instalments
    PERIOD = "period"  # int, relative month: 0 this, 1 next, -1 last
    PRODUCT = "product"  # a product word of ours, or a well-known other
    REASON = "reason"  # why a borrower cannot pay: a code of `bot/nlu/reasons.yml`


class Slot(_Name):
    """What a conversation remembers (Rasa slots, all custom-mapped, none influences the policies)."""

    LOAN = "loan"  # the loan talked about
    TOPIC = "topic"  # the last answered intent, for 「那下个月呢」
    ASKED = "asked"  # what the last question asked for: loan | amount | date | confirm | …
    TASK = "task"  # the intent that waits for that answer
    TASK_DATA = "task_data"  # what it has gathered so far
    FALLBACKS = "fallbacks"  # fallbacks in a row
    REPEATS = "repeats"  # [intent, how often in a row]
    AFTER_LOGIN = "after_login"  # what to answer once the session is identified
    MOOD = "mood"  # displeasure in the last turns, 0 to 2 each
    ALSO = "also"  # a second wish of an earlier message, until it is offered


class Action(_Name):
    """The custom actions; grouped as the files in `actions/`."""

    ANSWER_ACCOUNT = "action_answer_account"
    QUOTE_PREPAYMENT = "action_quote_prepayment"
    RECORD_REQUEST = "action_record_request"
    SAFETY = "action_safety"
    HAND_OVER = "action_hand_over"
    ANSWER_FAQ = "action_answer_faq"
    SMALL_TALK = "action_small_talk"
    CONTINUE = "action_continue"
    FALLBACK = "action_fallback"
