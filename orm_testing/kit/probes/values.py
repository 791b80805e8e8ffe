"""What values of fields may be."""

import math
import sys
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from orm_testing.aggregates import EXACT
from orm_testing.kit.probes.probe import Bound, Probe, Trial
from orm_testing.kit.support.values import nested

START = datetime(2024, 2, 29, 23, 59, 59)
DIGITS = "1234567890"
PLACES = 30
"""How many digits of a Decimal stand after the point, at the most."""


class DatetimePrecision(Probe):
    """The first of two steps that a time keeps."""

    name = "datetime_precision"
    undeclared = "microsecond"

    def measured(self, trial: Trial, declared: Any) -> str | None:
        steps = {"microsecond": timedelta(microseconds=1), "millisecond": timedelta(milliseconds=1)}
        return next((name for name, step in steps.items() if trial.keeps(at=START + step)), None)


class DecimalDigits(Bound):
    name = "decimal_digits"
    largest = 200

    def holds(self, trial: Trial, size: int) -> bool:
        digits = (DIGITS * (size // len(DIGITS) + 1))[:size]
        return trial.keeps(exact=Decimal(digits).scaleb(-min(PLACES, size // 2), EXACT))


class DecimalPlaces(Bound):
    name = "decimal_places"
    largest = 100

    def holds(self, trial: Trial, size: int) -> bool:
        return trial.keeps(exact=Decimal(1).scaleb(-size, EXACT))


class DecimalScale(Probe):
    name = "decimal_scale"

    def measured(self, trial: Trial, declared: Any) -> bool:
        texts = ("1.10", "0.00", "1E+3", "-0.000")
        return all(str(trial.came_back(exact=Decimal(text)).exact) == text for text in texts)


class FloatInfinity(Probe):
    name = "float_infinity"

    def measured(self, trial: Trial, declared: Any) -> bool:
        return all(trial.came_back(real=value).real == value for value in (math.inf, -math.inf))


class FloatNan(Probe):
    name = "float_nan"

    def measured(self, trial: Trial, declared: Any) -> bool:
        found = trial.came_back(real=math.nan).real
        return isinstance(found, float) and math.isnan(found)


class FloatMagnitude(Probe):
    """What is declared is kept, and the next float is refused; else the bound is looked for among powers of ten."""

    name = "float_magnitude"
    undeclared = None

    def measured(self, trial: Trial, declared: float | None) -> float | None:
        largest = sys.float_info.max
        if trial.keeps(real=largest if declared is None else declared) and (
            declared is None or not trial.keeps(real=math.nextafter(declared, math.inf))
        ):
            return declared
        return None if trial.keeps(real=largest) else _last_kept(trial, 1)


class FloatLeast(Probe):
    """The same at the other end."""

    name = "float_least"
    undeclared = None

    def measured(self, trial: Trial, declared: float | None) -> float | None:
        least = math.ulp(0.0)
        if trial.keeps(real=least if declared is None else declared) and (
            declared is None or not trial.keeps(real=math.nextafter(declared, 0.0))
        ):
            return declared
        return None if trial.keeps(real=least) else _last_kept(trial, -1)


class IntegerBits(Bound):
    """An integer of so many bits is kept at both ends, and one more at neither."""

    name = "integer_bits"
    largest = 1024

    def holds(self, trial: Trial, size: int) -> bool:
        end = 2**size // 2
        return trial.keeps(number=end - 1) and trial.keeps(number=-end)


class LoneSurrogates(Probe):
    name = "lone_surrogates_in_text"

    def measured(self, trial: Trial, declared: Any) -> bool:
        return trial.keeps(text="a\ud800") and trial.keeps(text="\udc00")


class NegativeZero(Probe):
    name = "negative_zero"

    def measured(self, trial: Trial, declared: Any) -> bool:
        return str(trial.came_back(real=-0.0).real) == "-0.0"


class NullCharacter(Probe):
    name = "null_character_in_text"

    def measured(self, trial: Trial, declared: Any) -> bool:
        return trial.keeps(text="a\x00b")


class StructureDepth(Bound):
    name = "structure_depth"
    largest = 150

    def holds(self, trial: Trial, size: int) -> bool:
        return trial.keeps(thing=nested(size))


def _last_kept(trial: Trial, sign: int) -> float:
    """The last power of ten that is kept, from one upwards or downwards."""
    kept, lost = 0, sys.float_info.max_10_exp
    while lost - kept > 1:
        middle = (kept + lost) // 2
        kept, lost = (middle, lost) if trial.keeps(real=float(f"1e{sign * middle}")) else (kept, middle)
    return float(f"1e{sign * kept}")
