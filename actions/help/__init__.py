"""Repayment help in chat: questions, options, disclosure, consent, promises."""
