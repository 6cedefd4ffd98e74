"""The times in ring text (SPEC 4.1 and 4.2 item 5). Knows nothing of keys."""

from __future__ import annotations

from calendar import timegm

from .refusal import Refused


def read_time(text: str) -> int:
    """Unix seconds of a time as ``2027-01-31T00:00:00Z``."""
    if len(text) != 20:
        raise Refused("refused")  # SPEC 4.2 item 2
    if text[4] + text[7] + text[10] + text[13] + text[16] + text[19] != "--T::Z":
        raise Refused("refused")  # SPEC 4.2 item 2
    year, month, day = read_digits(text[0:4]), read_digits(text[5:7]), read_digits(text[8:10])
    hour, minute, second = read_digits(text[11:13]), read_digits(text[14:16]), read_digits(text[17:19])
    if year < 1970:
        raise Refused("refused")  # SPEC 4.2 item 5
    if month < 1:
        raise Refused("refused")  # SPEC 4.2 item 5
    if month > 12:
        raise Refused("refused")  # SPEC 4.2 item 5
    if day < 1:
        raise Refused("refused")  # SPEC 4.2 item 5
    if day > count_days(year, month):
        raise Refused("refused")  # SPEC 4.2 item 5
    if hour > 23:
        raise Refused("refused")  # SPEC 4.2 item 5
    if minute > 59:
        raise Refused("refused")  # SPEC 4.2 item 5
    if second > 59:
        raise Refused("refused")  # SPEC 4.2 item 5
    return timegm((year, month, day, hour, minute, second))


def read_digits(text: str) -> int:
    for character in text:
        if character not in "0123456789":
            raise Refused("refused")  # SPEC 4.2 item 2
    return int(text)


def count_days(year: int, month: int) -> int:
    days = 31  # SPEC 4.2 item 5
    if month in (4, 6, 9, 11):
        days = 30  # SPEC 4.2 item 5
    if month == 2:
        days = 28  # SPEC 4.2 item 5
    if month == 2 and is_leap(year):
        days = 29  # SPEC 4.2 item 5
    return days


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)  # SPEC 4.2 item 5
