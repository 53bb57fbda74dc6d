"""What a report says, as data: the JSON beside the page, and all that the page is made of. Knows no file."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from ..frozen import Frozen

FORM = 1

Verdict = Literal["better", "worse", "no difference that matters", "not enough data", "these scenarios only"]


class Estimate(Frozen):
    """A mean over variants with its 95 % interval; null where there is none to give."""

    mean: float | None
    low: float | None = None
    high: float | None = None
    games: int
    variants: int
    at_least: bool = False
    """The interval is wide on purpose: it covers at least 95 %."""
    worst: float | None = None
    best: float | None = None
    """The mean if every planned game that gave no score had been at an end of the scale."""
    note: str = ""


class Arm(Frozen):
    """One arm: what was planned, what came of it, how it scored."""

    name: str
    level: str
    context: str
    model: str
    reference: bool
    planned: int
    scored: int
    unscorable: int
    broken: int
    missing: int
    """Planned and not over yet."""
    outcomes: dict[str, Estimate]
    with_unscorable: Estimate
    """The primary outcome with unscorable games taken in."""
    figures: dict[str, Estimate]
    """Every figure of the scorecards: its mean over games, no interval, and how many games have it."""
    endings: dict[str, int]
    tension: tuple[Estimate, ...]
    """At the opening and after each round."""
    failed_turns: float | None
    """Share of turns that FAILED."""
    calls: int
    tokens: int
    cost_usd: float | None


class VariantDifference(Frozen):
    variant: int
    difference: float
    pairs: int


class Comparison(Frozen):
    """One level against the control (or another level), over games that share variant and seed."""

    outcome: str
    level: str
    against: str
    context: str
    model: str
    planned: bool
    """False: exploratory."""
    difference: Estimate
    p: float | None = None
    p_holm: float | None = None
    """Adjusted over the planned comparisons of the headline."""
    p_sign_flip: float | None = None
    in_sd: float | None = None
    """The difference in standard deviations of a game's score."""
    superiority: Estimate | None = None
    """P(level better than the other), ties half."""
    detectable: float | None = None
    """The difference that these variants find with 80 % power."""
    verdict: Verdict
    words: str
    by_variant: tuple[VariantDifference, ...]

    @property
    def span(self) -> tuple[float | None, float | None]:
        """The interval's ends; where every variant has the same difference, that difference twice."""
        d = self.difference
        alike = len(self.by_variant) > 1 and len({row.difference for row in self.by_variant}) == 1
        return (d.mean, d.mean) if alike else (d.low, d.high)


class Threat(Frozen):
    """Something in the data that should make a reader careful; `serious` ones qualify the headline."""

    serious: bool
    text: str


class Gate(Frozen):
    """A gate of the suite: whether it held, or why it could not be measured."""

    gate: str
    estimand: str
    held: bool | None
    found: str


class Game(Frozen):
    """One game: its key, its bucket, its figures in the report, and where to read it."""

    arm: str
    variant: int
    model: str
    seed: int
    repeat: int
    folder: str
    bucket: str
    why: str
    outcomes: dict[str, float]
    ending: str
    verdict: str
    fails: tuple[str, ...]
    failed_turns: int
    proofs: dict[str, tuple[str, ...]]
    """Outcome or item -> events that prove it."""


class Findings(Frozen):
    """A whole report."""

    model_config = ConfigDict(serialize_by_alias=True, populate_by_name=True, title="Report of a batch")

    form: int = Field(FORM, alias="schema")
    suite: str
    title: str
    question: str
    headline: str
    reservations: tuple[str, ...]
    """Why the headline is to be taken with care."""
    primary: str
    better: Literal["higher", "lower"]
    smallest_effect: float
    outcomes: dict[str, str]
    """Outcome -> what it is."""
    control: str
    arms: tuple[Arm, ...]
    comparisons: tuple[Comparison, ...]
    """Planned comparisons of the primary outcome first."""
    elsewhere: tuple[Comparison, ...]
    """The planned comparisons again, under every lens, scale, context and model."""
    claim: dict[str, str] | None
    threats: tuple[Threat, ...]
    gates: tuple[Gate, ...]
    methods: str
    citation: str
    setup: dict[str, str]
    forecast: dict[str, str]
    """What the dry run said, and what it was."""
    games: tuple[Game, ...]

    def side(self, c: Comparison, level: str) -> Arm:
        """The arm that a level of a comparison was played as."""
        here = [a for a in self.arms if not a.reference and (a.level, a.context) == (level, c.context)]
        return next((a for a in here if a.model == c.model), here[0])
