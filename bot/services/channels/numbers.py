"""Phone numbers: whether they may exist, in E.164, and of which country."""

from __future__ import annotations

from collections.abc import Collection

import phonenumbers

LONGEST_NUMBER = 20  # characters, with its spaces


def number(written: str, region: str) -> str | None:
    """A number that may exist, in E.164; None for anything else (short codes, names, forgeries). `region` where no country is written."""
    if len(written) > LONGEST_NUMBER or not written.isascii():
        return None
    try:
        found = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(found):
        return None
    return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))


def of_countries(e164: str, regions: Collection[str]) -> bool:
    """Whether a number belongs to one of these regions (ISO 3166: CN, HK, …)."""
    return phonenumbers.region_code_for_number(phonenumbers.parse(e164, None)) in regions


def is_region(code: str) -> bool:
    return code in phonenumbers.SUPPORTED_REGIONS
