"""Answers about one loan (or all), one file a subject. Each takes the ask, the loan and its position today."""
