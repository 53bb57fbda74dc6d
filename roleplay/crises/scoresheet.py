"""What a crisis is scored by, as frozen models of its score.yaml and governments.yaml; docs/how-to/score-items.md.

Sentences are those of `crises.patterns`, with what only a score needs beside them. Knows nothing about runs.
"""

from __future__ import annotations

import hashlib
import re
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ..commitments import DurationKind, Reversibility, Verification
from ..frozen import Frozen, Id, Note
from ..naming import IndicatorId, Names, PlayerId
from .means import Codes
from .models import Prose, Src, Status
from .patterns import Ids, Pattern


def _compiles(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"'{text}' is no regular expression: {error}") from None
    return text


Regex = Annotated[str, AfterValidator(_compiles)]
FIGURES = (
    "commitments", "depth", "interim_steps", "loopholes", "mechanisms", "limits", "trades", "momentum", "war",
    "tension", "goldstein", "goldstein_dyads", "rivera", "kahn", "escalation_rounds", "reciprocity", "tool_mix",
    "ladder", "centrality", "dyads", "public_heat", "heated_share", "contradictions", "off_script", "signal_phrases",
    "leaks", "rulings", "rule_attempts", "turns", "failed_share", "key_moments",
)  # fmt: skip
"""Names of figures that every crisis has; `roleplay.scoring.metrics.METRICS` has the functions (a test compares)."""
Term = Literal["scope", "start", "duration", "trigger", "verification", "on_breach", "conditions", "in_return_for"]
Standing = Literal["in force", "agreed", "broken"]


class Clause(Pattern):
    """Which commitments fit: `type`, `object`, `scope`, `giver`, `ring`, `form` as in patterns, and their terms."""

    party: Annotated[Ids, Names("seat")] = None
    """A party to the text that holds it, bound by this clause or not."""
    states: tuple[Term, ...] = ()
    """Terms that it must state, each."""
    lacks: tuple[Term, ...] = ()
    """Terms of which none may be stated."""
    duration: tuple[DurationKind, ...] | None = None
    days: int = 0
    """Days that it must hold at least, where it is dated."""
    reversible: tuple[Reversibility, ...] | None = None
    verification: tuple[Verification, ...] | None = None
    """At least one of these."""
    mentions: Regex = ""
    """A regular expression found in its free text and its object's title, whatever the case."""
    omits: Regex = ""
    """One that is not found there."""
    paired: Clause | None = None
    """It is tied to a clause of the same text that fits this: by `in_return_for`, or by a condition of either."""
    beside: Clause | None = None
    """A clause of the same text fits this."""


class Bound(Frozen):
    """A figure of the card above or below something."""

    name: Annotated[Id, Names("metric")]
    of: Note = ""
    """Seat, dyad or other key of a figure that has several values."""
    above: float | None = None
    below: float | None = None


class Test(Frozen):
    """Something that holds at the end of the game or text; what is given together must all hold."""

    clause: Clause | None = None
    standing: Standing = "in force"
    """In force at the end; agreed at any time; broken or renounced."""
    at_least: int = 1
    """How many clauses, or objects or mechanisms where `distinct` says so."""
    at_most: int = 1000
    distinct: Literal["clauses", "objects", "mechanisms"] = "clauses"
    ever: Pattern | None = None
    """An event of the rounds."""
    indicator: IndicatorId | None = None
    of: str = ""
    above: float | None = None
    below: float | None = None
    metric: Bound | None = None
    """A figure of the card."""
    any: tuple[Test, ...] = ()
    """One of these holds."""
    negate: bool = False


Tests = tuple[Test, ...]


class Level(Frozen):
    """A score of an item and what it takes; the first of an item's levels that holds is taken."""

    score: Literal[0, 1, 2]
    when: Tests
    says: Note


class ItemRow(Frozen):
    """One item of the rubric."""

    id: Id
    title: Note
    fail: Note | None = None
    """The lexical fail that makes it 0 whatever else holds."""
    needs: Tests = ()
    """What must hold before silence could satisfy it; until then it is None."""
    unmet: Note = ""
    """What to say where it is None."""
    levels: tuple[Level, ...]
    otherwise: Note
    """What to say where no level holds; the score is then 0."""
    status: Status = "verified"
    src: Src = ()
    map: tuple[str, ...] = ()


class FailRow(Frozen):
    """A lexical fail; several rows may be of one and tell by `how` in which way it came."""

    fail: Note
    title: Note
    how: Id | None = None
    rank: Literal[1, 2] = 1
    """2 is worse than any 1: war."""
    when: Tests
    src: Src = ()
    map: tuple[str, ...] = ()


class NamedClause(Frozen):
    """A kind of commitment that has a name: a step, a limit, a loophole."""

    id: Id
    title: Note
    clause: Clause
    unless: Clause | None = None
    """A clause of the same text that takes it away (closes a loophole, say)."""
    src: Src = ()
    map: tuple[str, ...] = ()


class Mechanism(NamedClause):
    """A mechanism against accidents; ids are values of the label `accident_prevention`."""

    kind: Literal["communication", "constraint", "transparency", "verification"]
    """Stimson Center's four types (measures.md 9)."""


class MetricRow(Frozen):
    """A figure that is a pattern: what is counted, against what."""

    id: Id
    title: Note
    meaning: Prose
    form: Literal["count", "per_round", "share", "preceded", "followed", "sequence", "balance"]
    """count of `of`; a round; share of `among`; share of `of` that `by` came before or after; steps of `of` reached in
    order; the smaller of `of` and `by` over the larger."""
    of: tuple[Pattern, ...]
    among: tuple[Pattern, ...] = ()
    by: tuple[Pattern, ...] = ()
    within: int = 0
    """Rounds between the two."""
    same: tuple[Literal["seat", "instrument"], ...] = ()
    """What the two must share."""
    src: Src = ()
    map: tuple[str, ...] = ()


class CodeRow(Frozen):
    """Codes of events that are no instruments, or more codes of those that are; the first of a `group` is taken."""

    when: Pattern
    codes: Codes
    towards: Annotated[Ids, Names("seat")] = None
    """Seats; without: the ring's other members, or the audience of a public line, or everyone."""
    group: Id = "move"


class Weight(Frozen):
    """What an item weighs in a lens, and why."""

    item: Id
    weight: Annotated[float, Field(gt=0, le=10)]
    why: Note


class Lens(Frozen):
    """A named way of adding up: items of the rubric or of its own, weighed."""

    id: Id
    title: Note
    note: Prose
    weights: tuple[Weight, ...]
    items: tuple[ItemRow, ...] = ()
    """Items of this lens alone."""
    src: Src = ()


class Momentum(Frozen):
    """What runs on while nothing binds it."""

    tests: tuple[Pattern, ...]
    indicator: IndicatorId


class Families(Frozen):
    """The four families of a policy mix (article-map F3), and whose mix it is."""

    seat: PlayerId
    families: dict[Id, tuple[Pattern, ...]]


class Ladder(Frozen):
    """Steps of new measures: an object a clause, its scopes from least to most (article-map S10)."""

    clause: Clause
    scopes: tuple[Note, ...]


class ScoreFile(Frozen):
    """score.yaml."""

    version: int
    items: tuple[ItemRow, ...]
    fails: tuple[FailRow, ...] = ()
    steps: tuple[NamedClause, ...] = ()
    """Interim steps whose depth is reported (article-map I1-I4)."""
    limits: tuple[NamedClause, ...] = ()
    """Limits without one of which nothing is more than calmed (article-map G2)."""
    limits_title: Note = "a limit"
    prices: tuple[NamedClause, ...] = ()
    """What one side gives for the other's part."""
    mechanisms: tuple[Mechanism, ...] = ()
    loopholes: tuple[NamedClause, ...] = ()
    metrics: tuple[MetricRow, ...] = ()
    codes: tuple[CodeRow, ...] = ()
    mix: Families | None = None
    momentum: Momentum | None = None
    ladder: Ladder | None = None
    lenses: tuple[Lens, ...] = ()
    aliases: dict[str, Id] = Field(default_factory=dict)
    """Names in outside texts -> seats."""


class InterestRow(Frozen):
    """When an interest of a dossier is served or hurt; without both it is for the judged layer."""

    served: Tests = ()
    hurt: Tests = ()


class LineRow(Frozen):
    """When a red line is crossed; without it is for the judged layer."""

    crossed: Tests = ()


class GovernmentRow(Frozen):
    interests: dict[str, InterestRow] = Field(default_factory=dict)
    red_lines: dict[str, LineRow] = Field(default_factory=dict)


class GovernmentsFile(Frozen):
    """governments.yaml: the items of the dossiers as tests, by seat and item."""

    governments: dict[Id, GovernmentRow]


class ScoreSheet(Frozen):
    """Both files of a crisis."""

    score: ScoreFile
    governments: dict[Id, GovernmentRow] = Field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """Eight hex digits that change with anything in either file."""
        return hashlib.sha256(self.model_dump_json(exclude_defaults=True).encode()).hexdigest()[:8]
