"""The scorecard as data: one frozen model for runs, typed commitments and texts; see docs/schemas/scorecard.json.

Knows nothing about how any of it is found. Unscored is None and counted; it is never 0.
"""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field, JsonValue

from ..frozen import Frozen

SCHEMA = 1
"""Version of this form."""

Evidence = tuple[str, ...]
"""Ids of the events that prove a figure; for what is no run, clause numbers ('clause 2') or spans of the source."""


class Source(Frozen):
    """What was scored."""

    kind: Literal["run", "commitments", "text"]
    name: str
    crisis: str
    scenario: str | None = None
    variant: int | None = None
    seed: int | None = None
    mode: str | None = None
    world: str | None = None
    strategies: dict[str, str] = {}
    finished: bool = True
    rounds: int = 0
    """Rounds that were settled."""
    events: int = 0


class ItemScore(Frozen):
    """One item of the crisis's rubric, 0 to 2; None where nothing can be said yet."""

    title: str
    score: Literal[0, 1, 2] | None
    evidence: Evidence = ()
    explanation: str = ""


class MetricValue(Frozen):
    """One figure; None where the run offers nothing to measure."""

    value: JsonValue
    unit: str
    evidence: Evidence = ()


class Quotation(Frozen):
    """Words that a judge rests on, and where they stand: an event's id or a span."""

    text: str
    source: str


class JudgedValue(Frozen):
    """One dimension of the judged layer; None where no verdict could be used."""

    title: str = ""
    value: JsonValue
    """The mean of an ordered scale, else the share of units that count."""
    units: int = 0
    samples: int = 0
    """Verdicts that were asked for a unit."""
    counts: dict[str, int] = {}
    """Units by what their verdicts come to."""
    agreement: float | None = None
    """Krippendorff's alpha; None where no two verdicts can be compared or all are the same."""
    low: float | None = None
    high: float | None = None
    unscored: int = 0
    """Units without a value: no usable verdict, or a tie."""
    voided: int = 0
    """Verdicts that quoted what was not there or nothing, or did not fit the scale."""
    reasons: dict[str, int] = {}
    """Why verdicts were not used."""
    follows_length: float | None = None
    """Rank correlation of values with the length of what was shown; 0 where it may be chance."""
    in_composites: bool = False
    """Whether agreement allows it to count."""
    quotations: tuple[Quotation, ...] = ()
    cut: Evidence = ()
    """Where sentences that were meant for a judge were cut out."""


class Finding(Frozen):
    """One sentence of a column or a verdict, with what proves it."""

    id: str = ""
    text: str
    evidence: Evidence = ()


class Stake(Finding):
    """One interest of a dossier and what became of it; `judged` where only the judged layer can tell."""

    state: Literal["served", "hurt", "served and hurt", "untouched", "judged"]


class Government(Frozen):
    """How one government would read the same outcome."""

    interests: tuple[Stake, ...]
    red_lines_crossed: tuple[Finding, ...]
    red_lines_judged: tuple[str, ...] = ()
    """Red lines that only the judged layer can tell."""
    better_than_batna: bool | None
    """Whether the texts that it is party to are worth more to it than none; None where there is none."""
    would_ratify: bool | None
    value: float | None = None
    """What stands of those texts is worth by its dossier's values; its BATNA, no text at all, is 0."""
    evidence: Evidence = ()


class Span(Frozen):
    """A composite, and what it would be if every unscored item were at its worst and at its best."""

    value: float | None
    low: float | None
    high: float | None


class Composite(Span):
    """The composite of the lens asked for."""

    lens: str


class Verdict(Frozen):
    """One page in words."""

    level: str
    """war, failed, escalated, unchanged, calmed, not stabilised, stabilised; nothing agreed, agreed on paper."""
    headline: str
    stabilised: tuple[Finding, ...] = ()
    paid: tuple[Finding, ...] = ()
    broken: tuple[Finding, ...] = ()
    next: tuple[Finding, ...] = ()
    """What would break it next."""


class Nearest(Frozen):
    """An accord of history that is near, and what became of it."""

    id: str
    name: str
    distance: float
    """0 (the same labels and types of clause) to 1."""
    shared: tuple[str, ...]
    outcome: dict[str, JsonValue]


class Scorecard(Frozen):
    """Everything that one run, deal or text is scored by."""

    model_config = ConfigDict(serialize_by_alias=True, populate_by_name=True, title="Scorecard")

    form: int = Field(SCHEMA, alias="schema")
    ruleset: str
    """Version of code and data that scored it; scores of different rulesets are not comparable."""
    source: Source
    unscorable: str | None = None
    """Why reports leave it out of their headline, or null; the figures stand all the same."""
    items: dict[str, ItemScore]
    fails: tuple[str, ...] = ()
    """Lexical: whatever the sum, this is no success."""
    metrics: dict[str, MetricValue] = {}
    judged: dict[str, JudgedValue] = {}
    judging: dict[str, JsonValue] = {}
    """Which judges were asked how often by which rubrics, and what it took."""
    labels: dict[str, JsonValue] = {}
    nearest: tuple[Nearest, ...] = ()
    """The three nearest accords of history, where something was agreed."""
    extraction: dict[str, JsonValue] = {}
    """What a model found in a text besides the commitments: offers, what it could not prove, what it took."""
    governments: dict[str, Government] = {}
    lenses: dict[str, Span] = {}
    composite: Composite
    verdict: Verdict
    quotes: dict[str, str] = {}
    """The events (or clauses) that items, verdict, columns and metrics cite first, in words."""
