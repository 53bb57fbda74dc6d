"""The commitment that moves trade in, and what a clause can say of its duration, its verification and its end.

Types, objects and parties are plain ids here, checked against a crisis by the rules.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field

from .frozen import Frozen, Id, Note

CLAUSE_LIMIT = 8
DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}

DurationKind = Literal["open", "dated", "until_event", "while_talks", "permanent", "one_time", "unstated"]
Verification = Literal[
    "none", "national_technical_means", "iaea", "on_site", "joint_body", "notification_exchange", "third_party",
    "self_declared", "to_be_designed", "na",
]  # fmt: skip
Reversibility = Literal["reversible", "withdrawal_clause", "snapback", "irreversible", "unstated"]


class Duration(Frozen):
    """How long a commitment holds; for `dated`, `detail` is an ISO date or '26 weeks', '1 year', '90 days'."""

    kind: DurationKind = "unstated"
    detail: Note = ""


def _duration(value: object) -> object:
    if value is None or value == "":
        return {}
    if not isinstance(value, str):
        return value
    if re.fullmatch(r"\d{4}-\d\d-\d\d|\d+ (?:day|week|month|year)s?", value.strip()):
        return {"kind": "dated", "detail": value}
    return {"kind": value} if value in get_args(DurationKind) else {"kind": "unstated", "detail": value}


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value or []


def _unstated(value: object) -> object:
    return "unstated" if value in (None, "") else value


class Commitment(Frozen):
    """One clause: who commits to what, how far, from when, for how long, how it is seen, what follows a breach.

    One model for proposals, deals, extraction from texts and typed input. `type` and `object` come from the crisis's
    vocabulary; `parties` are the seats that are bound; `in_return_for` names the number or the object of the clause
    of the same text that this one pays for.
    """

    parties: Annotated[
        tuple[Note, ...], Field(min_length=1, max_length=16),
        BeforeValidator(_listed, json_schema_input_type=Note | tuple[Note, ...]),
    ]  # fmt: skip
    type: Id
    object: Note
    scope: Note = ""
    conditions: Note = ""
    trigger: Note = ""
    start: Note = ""
    duration: Annotated[Duration, BeforeValidator(_duration, json_schema_input_type=Duration | str)] = Duration()
    verification: Annotated[
        tuple[Verification, ...], Field(max_length=6),
        BeforeValidator(_listed, json_schema_input_type=Verification | tuple[Verification, ...]),
    ] = ()  # fmt: skip
    on_breach: Note = ""
    reversible: Annotated[Reversibility, BeforeValidator(_unstated)] = "unstated"
    in_return_for: Note = ""
    note: Note = ""

    def ends(self, agreed: date) -> date | None:
        """Last day on which the clause holds, None where no day is stated; counts from `start` where that is a date."""
        if self.duration.kind != "dated":
            return None
        day = day_in(self.duration.detail)
        if day:
            return day
        span = re.search(r"(\d{1,4}) ?-?(day|week|month|year)", self.duration.detail)
        if not span:
            return None
        return max(self.begins(agreed), agreed) + timedelta(days=int(span[1]) * DAYS[span[2]])

    def begins(self, agreed: date) -> date:
        """First day on which the clause binds: its `start` where that is a date, else the day of agreement."""
        return day_in(self.start) or agreed


def day_in(text: str) -> date | None:
    """The first day of a text, where that is one of the calendar."""
    found = re.search(r"\d{4}-\d\d-\d\d", text)
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None


Clauses = Annotated[tuple[Commitment, ...], Field(min_length=1, max_length=CLAUSE_LIMIT)]
