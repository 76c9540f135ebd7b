"""Exact factors of the units that the shipped law uses, to the powers of a few base units (kg, L, d, m, K)."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

from tests.oracle.values import Dimension, OracleError

POUND = Fraction("0.45359237")
GALLON = Fraction("3.785411784")
MASS: Dimension = (("kg", 1),)
VOLUME: Dimension = (("L", 1),)
DAYS: Dimension = (("d", 1),)
LENGTH: Dimension = (("m", 1),)
# unit: factor to the base units, dimension
SIMPLE: dict[str, tuple[Fraction, Dimension]] = {
    "": (Fraction(1), ()),
    "kg": (Fraction(1), MASS),
    "g": (Fraction(1, 10**3), MASS),
    "mg": (Fraction(1, 10**6), MASS),
    "ug": (Fraction(1, 10**9), MASS),
    "ng": (Fraction(1, 10**12), MASS),
    "t": (Fraction(1000), MASS),
    "lb": (POUND, MASS),
    "L": (Fraction(1), VOLUME),
    "mL": (Fraction(1, 1000), VOLUME),
    "100mL": (Fraction(1, 10), VOLUME),
    "m3": (Fraction(1000), VOLUME),
    "gal": (GALLON, VOLUME),
    "quart": (GALLON / 4, VOLUME),
    "Mgal": (GALLON * 10**6, VOLUME),
    "s": (Fraction(1, 86400), DAYS),
    "min": (Fraction(1, 1440), DAYS),
    "h": (Fraction(1, 24), DAYS),
    "d": (Fraction(1), DAYS),
    "day": (Fraction(1), DAYS),
    "m": (Fraction(1), LENGTH),
    "km": (Fraction(1000), LENGTH),
    "mi": (Fraction("1609.344"), LENGTH),
    "ft": (Fraction("0.3048"), LENGTH),
    "dBA": (Fraction(1), (("dBA", 1),)),
    "MMBtu": (Fraction(10**6), (("Btu", 1),)),
    "MW": (Fraction(10**6 * 86400) / Fraction("1055.056"), (("Btu", 1), ("d", -1))),
    "%": (Fraction(1, 100), ()),
    "SU": (Fraction(1), (("SU", 1),)),
    "#": (Fraction(1), (("#", 1),)),
    "CFU": (Fraction(1), (("#", 1),)),
    "MPN": (Fraction(1), (("#", 1),)),
    "NTU": (Fraction(1), (("NTU", 1),)),
    "MGD": (GALLON * 10**6, (("L", 1), ("d", -1))),
}
ALIASES = {
    "µg": "ug",
    "l": "L",
    "hours": "h",
    "hour": "h",
    "minutes": "min",
    "minute": "min",
    "gallon": "gal",
    "lbs": "lb",
}
TEMPERATURES = {
    "K": (Fraction(1), Fraction(0)),
    "degC": (Fraction(1), Fraction("273.15")),
    "degF": (Fraction(5, 9), Fraction("459.67") * Fraction(5, 9)),
}
# Of each dimension that is not computed in base units: what a number of its standard unit is in those.
STANDARDS: dict[Dimension, Fraction] = {
    (("L", -1), ("kg", 1)): Fraction(1, 10**6),  # mg/L
    (("L", 1), ("d", -1)): GALLON * 10**6,  # MGD
    VOLUME: Fraction(1000),  # m3
    (("#", 1), ("L", -1)): Fraction(10),  # #/100mL
}
# Calendar lengths: months, days, microseconds of one.
CALENDAR = {
    "minute": (0, 0, 60_000_000),
    "hour": (0, 0, 3_600_000_000),
    "day": (0, 1, 0),
    "week": (0, 7, 0),
    "month": (1, 0, 0),
    "quarter": (3, 0, 0),
    "year": (12, 0, 0),
}


@lru_cache(maxsize=4096)
def to_base(unit: str) -> tuple[Fraction, Fraction, Dimension]:
    """Give factor, offset and dimension of a unit; raises OracleError for one that is not in the table."""
    text, _, basis = unit.partition(" as ")
    tag: Dimension = ((f"as {basis.strip()}", 1),) if basis else ()
    text = text.strip()
    if text in TEMPERATURES:
        factor, offset = TEMPERATURES[text]
        return factor, offset, (("K", 1), *tag)
    powers: dict[str, int] = dict(tag)
    factor, sign = Fraction(1), 1
    for piece in re.split(r"([*/])", text):
        if piece in "*/" and piece:
            sign = -1 if piece == "/" else 1
            continue
        size, dimension = _simple(piece, unit)
        factor *= size**sign
        for base, power in dimension:
            powers[base] = powers.get(base, 0) + sign * power
    dimension = tuple(sorted((b, p) for b, p in powers.items() if p))
    return factor, Fraction(0), () if dimension == DAYS else dimension  # a number of days needs no unit


def _simple(piece: str, unit: str) -> tuple[Fraction, Dimension]:
    name = ALIASES.get(piece.strip(), piece.strip())
    if name not in SIMPLE:
        raise OracleError(f"unknown unit: {unit}")
    return SIMPLE[name]


def calendar_length(unit: str) -> tuple[int, int, int] | None:
    """Give months, days and microseconds of `day`, `months` ..., None if the unit is no length of time."""
    return CALENDAR.get(unit) or CALENDAR.get(unit.removesuffix("s"))
