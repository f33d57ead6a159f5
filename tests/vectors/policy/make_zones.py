#!/usr/bin/env python3
"""Writes zones.txt: offsets of the time zones that policies know, from Python's zone database. Lines: zone, instant, offset, in seconds.

    tests/vectors/policy/make_zones.py > tests/vectors/policy/zones.txt

Every change of an offset in some years, one second before and at it; and a day of each month of others. The zones are those
of src/policy/cel/functions/zones.cc.
"""
import datetime
import pathlib
import re
import zoneinfo

ROOT = pathlib.Path(__file__).resolve().parents[3]
UTC = datetime.timezone.utc
CHANGES_OF = (2012, 2018, 2024, 2026, 2031, 2037)
MONTHS_OF = (2011, 2015, 2025)
NOT_BEFORE = {"America/Sao_Paulo": 2020, "Europe/Istanbul": 2017, "Europe/Moscow": 2015}


def offset(zone, seconds):
    return int(datetime.datetime.fromtimestamp(seconds, UTC).astimezone(zone).utcoffset().total_seconds())


def first_second(year, month=1, day=1):
    return int(datetime.datetime(year, month, day, tzinfo=UTC).timestamp())


def change_between(zone, low, high):
    """The first second with the offset of `high`."""
    while high - low > 1:
        middle = (low + high) // 2
        if offset(zone, middle) == offset(zone, low):
            low = middle
        else:
            high = middle
    return high


def instants(zone, since):
    for year in MONTHS_OF:
        if year >= since:
            yield from (first_second(year, month, 17) + month * 3601 for month in range(1, 13, 3))
    for year in CHANGES_OF:
        for day in range(first_second(year), first_second(year + 1), 86400):
            if year >= since and offset(zone, day) != offset(zone, day + 86400):
                change = change_between(zone, day, day + 86400)
                yield from (change - 1, change)


def main():
    text = (ROOT / "src/policy/cel/functions/zones.cc").read_text()
    for name in sorted(set(re.findall(r'Row\{"([^"]+)"', text))):
        zone = zoneinfo.ZoneInfo(name)
        for at in instants(zone, NOT_BEFORE.get(name, 0)):
            print(name, at, offset(zone, at))


if __name__ == "__main__":
    main()
