"""How far labels that were measured, or extracted and judged, agree with those of calibration cases, one by one.

Simple baselines stand beside, so that agreement can be weighed. Knows no accord.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..commitments import Commitment
from ..crises import Crisis
from ..errors import NotMeasurable
from ..frozen import NOTE_LIMIT
from ..models import ChatModel, Usage
from .accords import Accord
from .extraction import extract
from .judge import Panel
from .labels import LabelVocabulary, labels
from .rubrics import load_rubrics
from .units import Material

KAPPA_NEEDS = 4
"""Cases that each of two values must have before kappa says anything."""
SETS = " + "
"""Between the values of a set that is told as one word."""

Values = Mapping[str, str | None]
Pair = tuple[str, str | None]
"""A value as labelled and as found; None where it was left unscored."""


def values(given: Mapping[str, Any]) -> dict[str, str | None]:
    """Labels as one word each: sets sorted and joined; the parts of testing_moratorium apart, its scope as itself."""
    flat: dict[str, str | None] = {}
    for name, value in given.items():
        if name == "testing_moratorium" and isinstance(value, Mapping):
            flat[name] = _word(value.get("scope"))
            flat |= {f"{name}.{part}": _word(v) for part, v in value.items() if part != "scope"}
        else:
            flat[name] = _word(value["values"] if isinstance(value, Mapping) else value)
    return flat


def _word(value: object) -> str | None:
    if isinstance(value, list):
        return SETS.join(sorted(map(str, value))) or "none"
    return None if value is None else str(value)


def agreement(pairs: Sequence[Pair]) -> dict[str, Any]:
    """One label: n scored, share that agrees, kappa with its interval where values are frequent enough, confusion.

    Kappa is Cohen's; its interval is the exact binomial one of the agreement (95 %), chance agreement held, which is
    not empty where everything agrees.
    """
    scored = [(labelled, found) for labelled, found in pairs if found is not None]
    n = len(scored)
    labelled, found = Counter(a for a, _ in scored), Counter(b for _, b in scored)
    same = sum(a == b for a, b in scored)
    frequent = sum(count >= KAPPA_NEEDS for count in labelled.values()) >= 2
    chance = sum(labelled[v] * found[v] for v in labelled) / n**2 if n else 1.0
    kappas = _kappas(same, n, chance) if frequent and chance < 1 else (None, None, None)
    return {
        "n": n, "agreement": same / n if n else None, **dict(zip(("kappa", "low", "high"), kappas, strict=True)),
        "unscored": len(pairs) - n, "counts": {"labelled": dict(labelled), "found": dict(found)},
        "confusion": [{"labelled": a, "found": b, "n": k} for (a, b), k in sorted(Counter(scored).items())],
    }  # fmt: skip


def _kappas(same: int, n: int, chance: float) -> tuple[float, float, float]:
    from scipy.stats import binomtest

    span = binomtest(same, n).proportion_ci()
    kappa, low, high = ((float(share) - chance) / (1 - chance) for share in (same / n, span.low, span.high))
    return kappa, max(-1.0, low), high


def compare(accords: Sequence[Accord], found: Sequence[Values], words: Sequence[Values]) -> dict[str, Any]:
    """Every label of the cases against what was found: agreement, baselines, and each disagreement by case.

    `majority` is the share of the commonest label, `words` what a matcher of words in the summaries reaches; over all
    labels their means.
    """
    wanted = [values(accord.labels) for accord in accords]
    names = dict.fromkeys(name for row in wanted for name, label in row.items() if label)
    rows = {}
    for name in names:
        rated = [(str(w[name]), f.get(name)) for w, f in zip(wanted, found, strict=True) if w.get(name)]
        lexical = agreement([(str(w[name]), m.get(name)) for w, m in zip(wanted, words, strict=True) if w.get(name)])
        commonest = Counter(labelled for labelled, _ in rated).most_common(1)[0][1]
        baselines = {"majority": commonest / len(rated), "words": lexical["agreement"]}
        rows[name] = agreement(rated) | {"members": _members(rated), "baselines": baselines}
    differing = [
        {"case": accord.id, "label": name, "labelled": w[name], "found": f[name]}
        for accord, w, f in zip(accords, wanted, found, strict=True)
        for name in w if w[name] and w[name] != f.get(name) is not None
    ]  # fmt: skip
    n = sum(row["n"] for row in rows.values())
    return {
        "labels": rows, "n": n, "agreement": (n - len(differing)) / n if n else None,
        "baselines": {name: _mean(row["baselines"][name] for row in rows.values()) for name in ("majority", "words")},
        "differing": differing,
    }  # fmt: skip


def _members(cases: Sequence[Pair]) -> dict[str, Any]:
    """Of a label of sets: agreement on each value by itself, there or not."""
    if not any(SETS in labelled for labelled, _ in cases):
        return {}
    found = sorted({value for labelled, _ in cases for value in labelled.split(SETS)} - {"none"})
    told = [(a.split(SETS), b.split(SETS)) for a, b in cases if b is not None]
    return {value: agreement([("yn"[value not in a], "yn"[value not in b]) for a, b in told]) for value in found}


def _mean(shares: Iterable[float | None]) -> float | None:
    told = [share for share in shares if share is not None]
    return sum(told) / len(told) if told else None


def typed(accords: Sequence[Accord], vocabulary: LabelVocabulary) -> dict[str, Any]:
    """The measured layer on the typed clauses of every case."""
    return compare(accords, [values(a.measured(vocabulary)) for a in accords], by_words(accords, vocabulary))


async def from_text(
    accords: Sequence[Accord], vocabulary: LabelVocabulary, model: ChatModel, crisis: Crisis, *, brief: bool = False
) -> tuple[dict[str, Any], Usage]:
    """Extraction from every summary, and a judge for what clauses cannot tell; with the tokens that it took."""
    panel, rubrics = Panel([model]), [rubric for rubric in load_rubrics() if rubric.label]
    found: list[Values] = []
    counts: Counter[str] = Counter()
    usage = Usage()
    for accord in accords:
        row: dict[str, str | None] = {}
        try:
            extracted = await extract(accord.summary, model, crisis, brief=brief)
            row |= values(labels(extracted.clauses, vocabulary))
            usage += extracted.usage
            counts += Counter(clauses=len(extracted.clauses), unproven=extracted.unproven, calls=extracted.calls)
        except NotMeasurable:
            counts["unread"] += 1
        for rubric in rubrics:
            judged = await panel.judge(rubric, Material(text=accord.summary))
            row[str(rubric.label)] = next(iter(judged.counts), None)
        found.append(row)
    counts["calls"] += panel.spent.replies
    usage += panel.spent.usage.get(model.name, Usage())
    return compare(accords, found, by_words(accords, vocabulary)) | dict(counts), usage


def by_words(accords: Iterable[Accord], vocabulary: LabelVocabulary) -> list[Values]:
    """The lexical baseline: whatever words of the vocabulary stand in a sentence of the summary count as a clause."""
    return [values(labels(_matched(accord, vocabulary), vocabulary, accord.summary)) for accord in accords]


def _matched(accord: Accord, vocabulary: LabelVocabulary) -> list[Commitment]:
    sentences = [s[:NOTE_LIMIT] for s in re.split(r"(?<=[.;])\s+", accord.summary) if s]
    types = dict.fromkeys(kind for row in vocabulary.objects for kind in row.types)
    return [
        Commitment(parties=accord.parties or ("somebody",), type=kind, object=sentence)
        for sentence in sentences for kind in types
        if any(row.fits(kind, sentence) for row in vocabulary.objects)
    ]  # fmt: skip
