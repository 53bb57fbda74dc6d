"""Accords, the cases of calibration: typed clauses, labels, what became of them, and which are nearest to a deal.

Knows nothing about how labels are measured against them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict

from ..commitments import Commitment
from ..errors import AuthorError
from ..frozen import NOTE_LIMIT, Frozen
from ..loading import load_document, validate
from ..resources import find_file, meant
from .card import Nearest
from .labels import LabelVocabulary, labels, load_vocabulary

ACCORDS, CLAUSES = "calibration/accords.yaml", "clauses"


def _clause(value: object) -> object:
    """A clause as cases write it: `party`, conditions 'none', words of any length (cut)."""
    if not isinstance(value, Mapping):
        return value
    fields = {"parties" if key == "party" else key: field for key, field in value.items()}
    if fields.get("conditions") == "none":
        fields["conditions"] = ""
    return {key: field[:NOTE_LIMIT] if isinstance(field, str) else field for key, field in fields.items()}


def _labelled(labels: dict[str, Any]) -> dict[str, Any]:
    """Labels of which each is a value, or a mapping with a list of values; the moratorium has parts of its own."""
    for name, label in labels.items():
        if isinstance(label, Mapping) and name != "testing_moratorium" and not isinstance(label.get("values"), list):
            raise ValueError(f"'{name}' is a mapping without a list of 'values'")
    return labels


class Accord(Frozen):
    """One accord, its clauses in whatever words, its labels, its fate; keys that are not known here are left alone."""

    model_config = ConfigDict(extra="ignore")

    id: str
    name: str
    parties: tuple[str, ...] = ()
    channel_type: str = ""
    summary: str = ""
    commitments: tuple[Annotated[Commitment, BeforeValidator(_clause)], ...] = ()
    labels: Annotated[dict[str, Any], AfterValidator(_labelled)] = {}
    outcome: dict[str, Any] = {}
    synthetic: bool = False

    def measured(self, vocabulary: LabelVocabulary) -> dict[str, Any]:
        """The labels that the measured layer gives its clauses."""
        return labels(self.commitments, vocabulary, self.channel_type)


class AccordsFile(Frozen):
    """A file of cases."""

    model_config = ConfigDict(extra="ignore")

    cases: tuple[Accord, ...]


@lru_cache(maxsize=4)
def load_accords(path: Path | None = None) -> tuple[Accord, ...]:
    """The cases of a file, else those that ship, types as the vocabulary spells them; AuthorError has all problems."""
    document = load_document(path or find_file("evals", ACCORDS))
    accords, vocabulary = validate(document, AccordsFile).cases, load_vocabulary()
    problems = [
        document.problem(
            ("cases", n, "commitments", m, "type"), f"type '{clause.type}' is not known", vocabulary.types,
            meant(clause.type, vocabulary.spellings),
        )
        for n, accord in enumerate(accords) for m, clause in enumerate(accord.commitments)
        if clause.type not in vocabulary.spellings
    ]  # fmt: skip
    if problems:
        raise AuthorError(problems)
    return tuple(_spelt(accord, vocabulary) for accord in accords)


def _spelt(accord: Accord, vocabulary: LabelVocabulary) -> Accord:
    clauses = tuple(c.model_copy(update={"type": vocabulary.spellings[c.type]}) for c in accord.commitments)
    return accord.model_copy(update={"commitments": clauses})


# --- nearest ---------------------------------------------------------------------------------------------------------


def nearest(commitments: Sequence[Commitment], vocabulary: LabelVocabulary) -> list[Nearest]:
    """Real accords with clauses, nearest first; none where nothing was agreed.

    Gower's distance over the labels and the types of clauses: 0 or 1 where a label has one value, Jaccard where it is a
    set; what neither side has says nothing and is left out.
    """
    if not commitments:
        return []
    ours = _features(labels(commitments, vocabulary), commitments)
    found = []
    for accord, theirs in _known():
        parts = [1 - len(ours[k] & theirs[k]) / len(ours[k] | theirs[k]) for k in ours if ours[k] | theirs[k]]
        shared = tuple(sorted(f"{k}: {v}" for k in ours if k != CLAUSES for v in ours[k] & theirs[k]))
        distance = round(sum(parts) / len(parts), 3)
        row = Nearest(id=accord.id, name=accord.name, distance=distance, shared=shared, outcome=accord.outcome)
        found.append(row)
    return sorted(found, key=lambda row: (row.distance, row.id))


@cache
def _known() -> list[tuple[Accord, dict[str, set[str]]]]:
    """The accords that a deal can be near to, each as sets."""
    real = [a for a in load_accords() if a.commitments and not a.synthetic]
    return [(a, _features(labels(a.commitments, load_vocabulary()), a.commitments)) for a in real]


def _features(given: Mapping[str, Any], commitments: Sequence[Commitment]) -> dict[str, set[str]]:
    """A deal as sets: one a label without what is silent, and one of its types, the n-th of a type counted apart."""
    moratorium = given["testing_moratorium"]
    features = {f"test {name}": _said(moratorium[name]) for name in ("scope", "covers", "form", "firm")}
    features |= {name: _said(value) for name, value in given.items() if name != "testing_moratorium"}
    counts = Counter(clause.type for clause in commitments)
    return features | {CLAUSES: {f"{kind} {n}" for kind, count in counts.items() for n in range(1, count + 1)}}


def _said(value: object) -> set[str]:
    if isinstance(value, Mapping):
        value = value["values"]
    values = value if isinstance(value, list) else [value]
    return {str(v) for v in values if v not in (None, "n", "na", "none")}
