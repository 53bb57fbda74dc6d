"""What a crisis is made of, as frozen models of its files; knows nothing about how it is played.

Every domain number and item carries `src` (keys of the crisis's sources.yaml); `map` cites rows of the article map.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ..moves import Clauses, Frozen, Id, Note, Phase
from ..naming import (
    EndingId,
    IndicatorId,
    LineId,
    Names,
    ObjectId,
    PlayerId,
    RingId,
    SeatId,
    ToneId,
    TypeId,
    UsableId,
    WorldId,
)
from .patterns import Condition, Pattern, Values

Src = tuple[Annotated[str, Names("source")], ...]
Status = Literal["verified", "inferred", "unverified", "authored"]
"""`authored`: ours, for play (a size in a world row, say); the others as in the dossiers."""
Prose = Annotated[str, StringConstraints(max_length=4000)]
Confidentiality = Literal["secret", "confidential", "restricted", "public"]
Strength = Literal["NEVER", "FOR-NOW", "SHOULD", "MAY"]
Mode = Literal["prevent", "block", "observe"]
Ablation = Literal["no-goals", "no-history", "no-messages", "reflect-first"]


class SeatRow(Frozen):
    """A government that can be played."""

    id: Id
    name: Note
    plays: bool = True
    """False: it acts in the Council only, by scenario rule."""
    phases: tuple[Phase, ...] = ()
    """Phases in which it acts; empty: all. One that acts in the Council alone names talks and council."""


ADDED = " (added for play)"


class RingRow(Frozen):
    """A room in which governments talk."""

    id: Id
    title: Note
    members: tuple[SeatId, ...]
    confidentiality: Confidentiality
    """secret: existence hidden from all but its members; confidential: content private; restricted: members only,
    formal outcomes public; public: anyone may listen."""
    purpose: Prose
    kind: Literal["talks", "council", "own"] = "talks"
    """council: its proposals are drafts that bind by vote; own: a government's own room."""
    in_article: bool = True
    """False: a room that the article lacks; shown so wherever it appears."""
    texts: bool = True
    """False: a contact through which words pass; nothing is agreed there."""
    opens_when: tuple[Condition, ...] = ()
    """What must hold, besides its members' wish, for it to open: the staff to sit there, say."""
    unless: Note = ""
    """What its members hear where that does not hold."""

    @property
    def label(self) -> str:
        """Its title as a run shows it: with a word where the article has no such room."""
        return self.title if self.in_article or self.title.endswith(ADDED) else f"{self.title}{ADDED}"

    map: tuple[str, ...] = ()
    src: Src = ()


class Param(Frozen):
    """A typed parameter of an instrument."""

    type: Literal["choice", "text", "flag", "number"]
    values: tuple[Note, ...] = ()
    low: int = 0
    high: int = 1000
    meaning: Note = ""
    default: str | bool | int | None = None
    """What stands where a seat leaves it out; without one it is required."""
    dated: dict[Note, date] = Field(default_factory=dict)
    """Values that exist from a day on."""
    known_from: dict[Note, date] = Field(default_factory=dict)
    """Values that history brought on a day: scenarios that open earlier do not have them."""


class Codes(Frozen):
    """Codes on the three escalation scales; null where a scale has none."""

    cameo: str | None = None
    goldstein: Annotated[float, Field(ge=-10, le=10)] | None = None
    rivera: Literal["de-escalation", "status_quo", "posturing", "non_violent", "violent", "nuclear"] | None = None
    kahn: Annotated[int, Field(ge=1, le=44)] | None = None
    src: Src = ()


class CodesWhen(Frozen):
    """Other codes of an instrument where its parameters are these."""

    params: dict[Id, Values]
    codes: Codes


class Instrument(Frozen):
    """Something a government can do in the act phase."""

    id: Id
    title: Note
    meaning: Prose
    family: Id
    """deterrence, sanctions, diplomacy, messaging, tests, restraint, economy, force ..."""
    seats: tuple[PlayerId, ...]
    params: dict[Id, Param] = Field(default_factory=dict)
    towards: tuple[SeatId, ...] = ()
    """Whom it is aimed at, for the dyads of the scales; a `target` parameter overrides it."""
    visible: bool = True
    """False: only the actor reads it, unless a `visible` parameter says otherwise."""
    force: bool = False
    """A use of force: offered only where scenario or run turn force on."""
    consult_in: tuple[RingId, ...] = ()
    """Rings in which its use should be put before the allies first (article-map M3)."""
    available_from: date | None = None
    codes: Codes = Codes()
    codes_when: tuple[CodesWhen, ...] = ()
    """The first that fits is taken instead of `codes`."""
    status: Status = "verified"
    src: Src = ()
    map: tuple[str, ...] = ()

    def codes_for(self, params: Mapping[str, str | bool | int]) -> Codes:
        """Codes of one use of it; a parameter that was left out has its default."""
        used = {name: params.get(name, param.default) for name, param in self.params.items()}
        fits = (w.codes for w in self.codes_when if all(used.get(name) in values for name, values in w.params.items()))
        return next(fits, self.codes)


class CommitmentType(Frozen):
    """A type of clause, and the moves that break it."""

    id: Id
    title: Note
    meaning: Prose
    objects: tuple[ObjectId, ...] = ()
    """Objects it goes with; empty: any."""
    existing: bool = False
    """Its object must exist when the clause is offered: what is not there cannot be traded away."""
    broken_by: tuple[Pattern, ...] = ()
    """Events of a bound party that break it; none: 'in force, untested'."""
    map: tuple[str, ...] = ()


class ObjectRow(Frozen):
    """Something that a clause can be about."""

    id: Id
    title: Note
    broken_by: tuple[Pattern, ...] = ()
    """Narrows its type's: only these break a clause about this object, for the types in `for_types` (without any, all).

    With `for_types` and no patterns, no move breaks such a clause: 'in force, untested'.
    """
    for_types: tuple[TypeId, ...] = ()
    known_from: date | None = None
    """The day on which history brought it: scenarios that open earlier do not have it."""
    available_from: date | None = None
    src: Src = ()
    map: tuple[str, ...] = ()


class Indicator(Frozen):
    """A number of the world, who may read it, and where it starts."""

    id: Id
    title: Note
    meaning: Prose
    unit: Note = "points"
    low: float = 0
    high: float = 100
    start: float
    per: Literal["one", "seat", "pair", "key"] = "one"
    keys: tuple[Note, ...] = ()
    """The seats, pairs ('a:b', sorted) or keys it has a value for; for seat and pair empty means all."""
    readers: Literal["public", "owner", "nobody"] = "public"
    """owner: the seat, or the two seats of the pair."""
    src: Src = ()
    map: tuple[str, ...] = ()


class EffectRow(Frozen):
    """One change of an indicator; `of` may use the words actor, target, parties."""

    indicator: IndicatorId
    of: Note = ""
    by: float


class WorldRow(Frozen):
    """A claim about cause and effect: when an event matches and the conditions hold, indicators move."""

    id: Id
    claim: Note
    """Id of the claim in the article map (C1 ...), or a name of the world's own."""
    when: Pattern | None = None
    """None: once every round."""
    given: tuple[Condition, ...] = ()
    effects: tuple[EffectRow, ...]
    at_most: int = 3
    """How many events a round it counts."""
    why: Note = ""
    status: Status = "authored"
    src: Src
    map: tuple[str, ...] = ()


class ChanceRow(Frozen):
    """Something that may happen in settle, drawn by name; it can calm as well as inflame."""

    id: Id
    claim: Note
    base: Annotated[float, Field(ge=0, le=1)]
    indicator: IndicatorId | None = None
    of: str = ""
    slope: float = 0
    """Added to `base` a point of the indicator above `over`."""
    over: float = 0
    given: tuple[Condition, ...] = ()
    text: Prose = ""
    """What everyone hears when it happens; empty: nothing is told."""
    readers: tuple[SeatId, ...] = ()
    """Who hears it; empty: everyone."""
    leaks: RingId | None = None
    """Ring of which the press gets to know; it must meet, and be no news yet."""
    effects: tuple[EffectRow, ...] = ()
    ending: EndingId | None = None
    status: Status = "authored"
    src: Src
    map: tuple[str, ...] = ()


class EffectTable(Frozen):
    """A named world: the causal claims that hold in it."""

    id: Id
    title: Note
    note: Prose
    rows: tuple[WorldRow, ...] = ()
    chances: tuple[ChanceRow, ...] = ()
    factors: dict[Note, float] = Field(default_factory=dict)
    """Claim or row -> factor by which a run changed what its rows do; set by the run."""

    @property
    def named(self) -> str:
        """Its name, with what a run changed in it: 'article (C1 x 0)'."""
        changed = ", ".join(f"{claim} x {factor:g}" for claim, factor in sorted(self.factors.items()))
        return f"{self.id} ({changed})" if changed else self.id

    @property
    def claimed(self) -> tuple[WorldRow | ChanceRow, ...]:
        """Everything in it that encodes a claim."""
        return (*self.rows, *self.chances)

    def scaled(self, factors: Mapping[str, float]) -> EffectTable:
        """The same world with everything that a claim's rows do multiplied; 0 takes the rows out.

        What a row names by itself counts before its claim. A chance is as likely as before, its effects are scaled.
        """
        if not factors:
            return self

        def by(row: WorldRow | ChanceRow) -> float:
            return factors.get(row.id, factors.get(row.claim, 1.0))

        def effects(row: WorldRow | ChanceRow) -> dict[str, object]:
            return {"effects": tuple(e.model_copy(update={"by": e.by * by(row)}) for e in row.effects)}

        rows = tuple(row.model_copy(update=effects(row)) for row in self.rows if by(row))
        chances = tuple(row.model_copy(update=effects(row)) for row in self.chances if by(row))
        return self.model_copy(update={"rows": rows, "chances": chances, "factors": dict(factors)})


class EndingRow(Frozen):
    """A way in which the game ends by its own rules; the first that holds is taken."""

    id: Id
    title: Note
    reason: Prose
    given: tuple[Condition, ...] = ()
    """Empty: only a chance row can bring it about."""
    map: tuple[str, ...] = ()


TEXTS = ("table", "amend", "accept", "pledge")
CHECKS: Mapping[str, tuple[str, ...]] = {
    "never_gives": TEXTS, "trade_needs_return": TEXTS, "needs_mandate": TEXTS, "complete_clauses": TEXTS,
    "one_step": ("table", "amend"), "consulted_first": ("use",), "to_script": ("statement",),
    "only_when": (),
}  # fmt: skip
"""Check -> verbs that it looks at (`only_when`: those of its `when`); the functions are in `rules.policy.CHECKS`."""


class PolicyRule(Frozen):
    """A rule of the article's policy: data for one of the checks in `roleplay.rules.policy`."""

    id: Note
    title: Note
    text: Prose
    strength: Strength
    check: Annotated[Id, Names("check")]
    seats: tuple[PlayerId, ...]
    """Whom it binds, as giver or actor."""
    types: tuple[TypeId, ...] = ()
    objects: tuple[ObjectId, ...] = ()
    rings: tuple[RingId, ...] = ()
    instruments: tuple[Annotated[Id, Names("instrument")], ...] = ()
    """Instruments whose use it is about, beside what `when` says."""
    lines: tuple[LineId, ...] = ()
    """Policy lines that are free whatever the script says."""
    scopes: tuple[Note, ...] = ()
    """Steps of a ladder, the lowest first, as a clause's scope names them."""
    top: tuple[ObjectId, ...] = ()
    """Objects that stand above the ladders of all others."""
    when: tuple[Pattern, ...] = ()
    """Moves or clauses that it is about."""
    given: tuple[Condition, ...] = ()
    """Circumstances in which it binds at all."""
    needs: tuple[Condition, ...] = ()
    """What must hold for such a move, the moves of the same turn included; empty: it is not made at all."""
    returns: tuple[Pattern, ...] = ()
    """Clauses of which one must stand in the same text in return."""
    until: tuple[Condition, ...] = ()
    """FOR-NOW: its trigger, after which it no longer binds."""
    credits: bool = False
    """Whether keeping it earns credit too; rules of strength MAY always give it."""
    legal: Note = ""
    """What would be legal instead, in words."""
    binding: bool = False
    """Whether it follows the run's mode whatever its strength; set by the run, not by the crisis."""
    map: tuple[str, ...] = ()
    src: Src

    @cached_property
    def verbs(self) -> frozenset[str]:
        """The kinds of move that it looks at, wherever they are made."""
        return frozenset(CHECKS.get(self.check) or (verb for p in self.when for verb in _verbs(p))) | self._uses

    def verbs_in(self, ring: str | None) -> frozenset[str]:
        """The kinds of move that it looks at in a ring, or outside all of them."""
        here = [p for p in self.when if p.ring is None or ring in p.ring]
        return frozenset(CHECKS.get(self.check) or (verb for p in here for verb in _verbs(p))) | self._uses

    @property
    def _uses(self) -> frozenset[str]:
        return frozenset(("use",) if self.instruments else ())


def _verbs(pattern: Pattern) -> tuple[str, ...]:
    """The kinds of move that a pattern is about."""
    return pattern.move or (("use",) if pattern.instrument or pattern.family or pattern.params else TEXTS)


class OtherVote(Frozen):
    """How a Council member that nobody plays votes: like `follows` where given, else `vote` unless a clause matches."""

    state: Note
    permanent: bool = False
    follows: Id | None = None
    vote: Literal["yes", "no", "abstain"] = "yes"
    abstains_on: tuple[Pattern, ...] = ()
    against: tuple[Pattern, ...] = ()
    status: Status = "authored"
    src: Src = ()


class Council(Frozen):
    """A voting body: who sits there, what carries a draft."""

    ring: RingId
    members: tuple[Id, ...]
    """Played members."""
    permanent: tuple[Id, ...]
    needed: int
    others: tuple[OtherVote, ...] = ()
    src: Src = ()


class Line(Frozen):
    """A policy line that a public statement can take, as a typed field."""

    id: Id
    title: Note
    meaning: Note = ""
    contradicts: tuple[LineId, ...] = ()
    map: tuple[str, ...] = ()


class InjectRow(Frozen):
    """A dated event of the scenario's calendar."""

    id: Id
    on: date
    text: Prose
    readers: tuple[SeatId, ...] = ()
    """Empty: everyone."""
    given: tuple[Condition, ...] = ()
    effects: tuple[EffectRow, ...] = ()
    status: Status = "verified"
    src: Src
    map: tuple[str, ...] = ()


class Initial(Frozen):
    """An indicator's value at the opening, where it differs from its start."""

    indicator: IndicatorId
    of: Note = ""
    value: float
    why: Note = ""


class Change(Frozen):
    """What one option of a variation does to the scenario as written."""

    title: Note
    initial: tuple[Initial, ...] = ()
    drop: tuple[Id, ...] = ()
    """Injects that do not happen."""
    move: dict[Id, int] = Field(default_factory=dict)
    """Inject -> days later (or earlier, negative)."""
    opened: tuple[Id, ...] = ()
    closed: tuple[Id, ...] = ()
    """Rings that are open or closed at the opening, against the scenario as written."""
    absent: tuple[SeatId, ...] = ()
    """Governments that take no part; a room in which fewer than two are left does not meet."""


class Variation(Frozen):
    """A dimension in which variants differ; the first option is the scenario as written."""

    id: Id
    options: Annotated[tuple[Change, ...], Field(min_length=2)]


class Standing(Frozen):
    """A commitment in force at the opening (an earlier resolution, say)."""

    name: Id
    since: date | None = None
    """Scenarios that open earlier do not have it."""
    ring: RingId | None
    parties: tuple[SeatId, ...]
    commitments: Clauses
    src: Src


class Scenario(Frozen):
    """When a game opens, who plays, what they are told, what will happen to them."""

    id: Id
    title: Note
    opens: date
    rounds: Annotated[int, Field(ge=1, le=60)]
    days_per_round: Annotated[int, Field(ge=1, le=365)] = 7
    exchanges: Annotated[int, Field(ge=1, le=6)] = 1
    protagonist: Id
    brief: Prose
    """Public brief, as all know it on the opening day."""
    seats: dict[PlayerId, Id]
    """Seat -> baseline that plays it where no model does."""
    open_rings: tuple[Id, ...]
    rooms: tuple[RingId, ...]
    """Every ring that this scenario has."""
    world: WorldId = "article"
    force: bool = False
    initial: tuple[Initial, ...] = ()
    injects: tuple[InjectRow, ...] = ()
    variations: tuple[Variation, ...] = ()
    src: Src


class StrategyPolicy(Frozen):
    """The half of a strategy that baselines and voices follow: changes of a dossier's weights."""

    instruments: dict[UsableId, float] = Field(default_factory=dict)
    """Instrument or family -> added weight."""
    clauses: dict[TypeId, float] = Field(default_factory=dict)
    """Clause type -> added value when this seat receives or gives it."""
    objects: dict[ObjectId, float] = Field(default_factory=dict)
    """The same for clauses about an object."""
    tone: ToneId | None = None
    line: tuple[LineId, ...] = ()
    """Policy lines in order of preference."""
    rings: dict[RingId, float] = Field(default_factory=dict)
    """Ring -> added wish to open and use it."""
    concession: float = 0
    """Added readiness to accept."""
    mandate: bool = False
    """Empowers the team of a direct channel before it commits."""
    first_steps: bool = False
    """Announces small unconditional steps."""
    speech: bool = False
    """Says its policy lines in one speech first, and names the official who answers for them."""


class Strategy(Frozen):
    """A way of playing a seat: `directives` go into prompts, `policy` into baselines and voices."""

    id: Id
    title: Note
    note: Prose
    directives: tuple[Prose, ...] = ()
    policy: StrategyPolicy | None = None
    ablate: tuple[Ablation, ...] = ()
    """What the prompt of a seat that a model plays by itself lacks, or asks first; nothing to baselines and voices."""
    map: tuple[str, ...] = ()
    """Article-map ids that the rendered prompt states."""
    src: Src = ()


class Source(Frozen):
    """Where a fact comes from."""

    title: str
    publisher: str = ""
    year: int | None = None
    url: str | None = None
    symbol: str | None = None
    status: Literal["seen", "general", "synthetic", "own"] = "seen"
    note: str = ""


class CrisisFile(Frozen):
    """crisis.yaml: what the crisis is, who is in it, the rooms, the Council, the endings, the policy lines."""

    id: Id
    title: Note
    summary: Prose
    seats: tuple[SeatRow, ...]
    rings: tuple[RingRow, ...]
    council: Council | None = None
    lines: tuple[Line, ...]
    audiences: tuple[Id, ...]
    endings: tuple[EndingRow, ...]
    tension: IndicatorId
    """The indicator that progress displays and charts follow."""


class Instruments(Frozen):
    instruments: tuple[Instrument, ...]


class Vocabulary(Frozen):
    types: tuple[CommitmentType, ...]
    objects: tuple[ObjectRow, ...]


class Indicators(Frozen):
    indicators: tuple[Indicator, ...]


class Rules(Frozen):
    rules: tuple[PolicyRule, ...]


class StandingFile(Frozen):
    standing: tuple[Standing, ...]


class MapRow(Frozen):
    """Something that a text asks for or claims; data cite its id in `map`, a world's rows in `claim`."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Z]+[0-9]*[a-z]?$")]
    title: Note
    """In our words."""
    code: tuple[Note, ...] = ()
    """Files where it lives, where no row of data could hold it."""


class TextMap(Frozen):
    """article.yaml: the text whose policy the rules encode, taken apart; for the reader, not for play."""

    source: Annotated[str, Names("source")]
    rows: tuple[MapRow, ...]


class Sources(Frozen):
    sources: dict[str, Source]
