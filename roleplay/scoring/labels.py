"""From clauses to the labels of a deal: what is halted, limited, traded and kept, in the form of a calibration case.

Knows no accord and no country: which words stand for what is data (evals/calibration/vocabulary.yaml).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from typing import Annotated, Any

from pydantic import BeforeValidator

from ..commitments import Commitment
from ..frozen import Frozen, Id
from ..loading import load_model
from ..resources import find_file

FIRMNESS = {
    "open": "open_ended", "unstated": "open_ended", "dated": "dated", "one_time": "dated",
    "until_event": "conditional", "while_talks": "conditional", "permanent": "permanent",
}  # fmt: skip
NO_MORATORIUM = {"scope": "none", "covers": [], "by": [], "form": "none", "firm": "na"}
NARROWER = {"icbm", "long_range_missile"}
"""Classes that leave other missiles free, so that what covers them is not full."""


def _compiled(value: object) -> object:
    if not isinstance(value, str):
        return value
    capital = re.search("[A-Z]", re.sub(r"\\.", "", value))
    try:
        return re.compile(value, 0 if capital else re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"{value!r} is no regular expression: {error}") from None


Words = tuple[Annotated[re.Pattern[str], BeforeValidator(_compiled)], ...]


def _found(words: Words, text: str) -> bool:
    return any(pattern.search(text) for pattern in words)


class LabelRow(Frozen):
    """A label: a set of values, or one of `values` (the first that some clause gives), or `silent`."""

    sets: bool = False
    values: tuple[str, ...] = ()
    silent: str | None = None
    """What it is where no clause says anything; null where clauses alone cannot tell."""


class TypeRow(Frozen):
    """A type of clause: its other spellings, what it gives by itself, its object where no words fit."""

    also: tuple[Id, ...] = ()
    gives: dict[str, str] = {}
    otherwise: Id | None = None


class ObjectRow(Frozen):
    """An object as words: how it is recognised in clauses of some types, and what it gives."""

    id: Id
    types: tuple[Id, ...]
    words: Words
    unless: Words = ()
    gives: dict[str, str] = {}

    def fits(self, type: str, text: str) -> bool:
        return type in self.types and _found(self.words, text) and not _found(self.unless, text)


class ChannelRow(Frozen):
    """How secret a channel is, by the words about it; the first row that fits counts."""

    value: str
    words: Words


class LabelVocabulary(Frozen):
    """The committed table that reads clauses, whoever wrote them."""

    crisis: Id
    """Whose vocabulary texts from outside are read into where none is named."""
    labels: dict[str, LabelRow]
    types: dict[Id, TypeRow]
    objects: tuple[ObjectRow, ...]
    channel: tuple[ChannelRow, ...] = ()

    @cached_property
    def spellings(self) -> dict[str, str]:
        """Every spelling of a type, and the type."""
        return {name: kind for kind, row in self.types.items() for name in (kind, *row.also)}

    def rows(self, clause: Commitment) -> list[ObjectRow]:
        """What a clause is about: the rows that its words fit, else what clauses of its type are about."""
        text = f"{clause.object.replace('_', ' ')} {clause.scope}".strip()
        if (clause.type, text) not in self.read:
            found = [row for row in self.objects if row.fits(clause.type, text)]
            usual = self.types[clause.type].otherwise if clause.type in self.types else None
            rows = found or [row for row in self.objects if row.id == usual and clause.type in row.types]
            self.read[clause.type, text] = rows
        return self.read[clause.type, text]

    @cached_property
    def read(self) -> dict[tuple[str, str], list[ObjectRow]]:
        """What clauses were found to be about, by type and words: games and their labels ask again and again."""
        return {}

    def given(self, clause: Commitment, label: str) -> set[str]:
        """The values of one label that a clause gives; of a label that is no set, its object's word comes first."""
        by_object = {row.gives[label] for row in self.rows(clause) if label in row.gives}
        by_type = {v for v in (self.types.get(clause.type, TypeRow()).gives.get(label),) if v}
        return by_object | by_type if self.labels[label].sets else by_object or by_type

    def secrecy(self, channel: str) -> str | None:
        """How secret a channel is, as far as the words about it say so."""
        return next((row.value for row in self.channel if _found(row.words, channel)), None)

    def translated(self, clause: Commitment, objects: Iterable[str]) -> tuple[Commitment, ...]:
        """A clause in a vocabulary that has `objects`: one for each that it is about, its own words as scope."""
        clause = clause.model_copy(update={"type": self.spellings.get(clause.type, clause.type)})
        known = set(objects)
        ids = list(dict.fromkeys(row.id for row in self.rows(clause) if row.id in known))
        if clause.object in known or not ids:
            return (clause,)
        return tuple(clause.model_copy(update={"object": i, "scope": clause.scope or clause.object}) for i in ids)


@lru_cache(maxsize=4)
def load_vocabulary(name: str = "calibration/vocabulary.yaml") -> LabelVocabulary:
    """The table under `evals/`; the user's own comes first."""
    return load_model(find_file("evals", name), LabelVocabulary)


def labels(commitments: Sequence[Commitment], vocabulary: LabelVocabulary, channel: str = "") -> dict[str, Any]:
    """What these clauses say, label by label, in the form of a case's `labels`; None is what clauses cannot tell.

    `channel` is what is known of how the text came about; it tells secrecy alone.
    """
    result: dict[str, Any] = {"testing_moratorium": _moratorium(commitments, vocabulary)}
    for name, row in vocabulary.labels.items():
        given = [value for clause in commitments for value in sorted(vocabulary.given(clause, name))]
        if name in ("tests_covered", "test_gap"):
            continue
        if row.sets:
            result[name] = {"values": list(dict.fromkeys(given))}
        else:
            result[name] = next((value for value in row.values if value in given), row.silent)
    result["channel_secrecy"] = vocabulary.secrecy(channel)
    if result["public_message_discipline"] == "high" and not _binds_all(commitments):
        result["public_message_discipline"] = "medium"
    return result


def _binds_all(commitments: Sequence[Commitment]) -> bool:
    """Whether the rules on public words bind every party of the text."""
    bound = {p for c in commitments if c.type == "message_rule" for p in c.parties}
    return bound >= {p for c in commitments for p in c.parties}


def _moratorium(commitments: Sequence[Commitment], vocabulary: LabelVocabulary) -> dict[str, Any]:
    tests = [c for c in commitments if vocabulary.given(c, "tests_covered")]
    if not tests:
        return dict(NO_MORATORIUM)
    covers = dict.fromkeys(v for c in tests for v in sorted(vocabulary.given(c, "tests_covered"), reverse=True))
    whole = [
        c for c in tests if "nuclear" in vocabulary.given(c, "tests_covered") and not vocabulary.given(c, "test_gap")
    ]
    leading = [c for c in tests if c.type == "prohibition"] or tests
    return {
        "scope": "full" if whole and not NARROWER & covers.keys() else "partial",
        "covers": list(covers),
        "by": list(dict.fromkeys(p for c in tests for p in c.parties)),
        "form": _form(leading, {p for c in commitments for p in c.parties}),
        "firm": FIRMNESS[leading[0].duration.kind],
    }


def _form(leading: Sequence[Commitment], everyone: set[str]) -> str:
    """A ban that stands beside a pledge decides; a text of two is bilateral, of more multilateral."""
    if any("parallel" in f"{c.conditions} {c.note}".lower() for c in leading):
        return "parallel"
    if len(everyone) == 1:
        return "unilateral"
    return "bilateral" if len(everyone) == 2 else "multilateral_treaty"
