"""The sentences in which suites state gates and claims: 'primary.lower >= 5', 'leaks == 0'. Knows no data."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..errors import UsageError

OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge, "<=": operator.le, "==": operator.eq, ">": operator.gt, "<": operator.lt,
}  # fmt: skip
PARTS: Mapping[str, str] = {
    "": "in every scored game",
    "mean": "mean of every arm",
    "difference": "difference of every planned comparison",
    "lower": "lower end of the 95 % interval of every planned comparison",
    "upper": "upper end of the 95 % interval of every planned comparison",
}
"""What of an outcome is meant, and the estimand in words."""
COMPARED = ("difference", "lower", "upper")
"""Parts that speak of comparisons."""
FORM = re.compile(
    r"([A-Za-z0-9_:>-]+)(?:\.(mean|difference|lower|upper))? *(>=|<=|==|>|<) *(-?(?:[0-9]+\.?[0-9]*|\.[0-9]+))"
)


@dataclass(frozen=True)
class Expression:
    """`name.part operator number`, as it was written."""

    text: str
    name: str
    part: str
    sign: str
    number: float

    def holds(self, value: float) -> bool:
        return OPERATORS[self.sign](value, self.number)

    @property
    def estimand(self) -> str:
        return f"{self.name}, {PARTS[self.part]}"


def parse(text: str) -> Expression:
    """Read one expression; raises UsageError that says how one is written."""
    if not (found := FORM.fullmatch(text.strip())):
        raise UsageError(f"'{text}' cannot be read: write OUTCOME[.mean|.difference|.lower|.upper] >= NUMBER")
    return Expression(text, found[1], found[2] or "", found[3], float(found[4]))
