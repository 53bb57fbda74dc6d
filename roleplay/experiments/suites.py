"""Suites: what is compared with what, on which variants, judged by which outcome, as data.

Knows nothing about the games that come of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, model_validator

from ..crises.models import Prose
from ..crises.patterns import Pattern
from ..errors import AuthorError, Problem, UsageError
from ..explaining import NodePath
from ..frozen import Frozen, Id, Note
from ..loading import Document, load_document, validate
from ..models.registry import ModelSpec
from ..resources import check_name, find_files, meant, unknown
from ..scoring.rubrics import rubric_files
from ..setup import Settings
from .expressions import Expression, parse
from .statistics import Scale

TESTS_HARNESS = "policies: this tests the harness, not a model"


class Treatment(Settings):
    """Settings of a run that a suite fixes; what is left out is as `roleplay run` would have it."""

    scenario: str = ""
    """The suite's, where empty."""

    @model_validator(mode="after")
    def _no_draws(self) -> Treatment:
        if taken := self.model_fields_set & {"variant", "seed"}:
            raise ValueError(f"{', '.join(sorted(taken))} cannot be set here: variants and seeds are the suite's own")
        return self

    def over(self, below: Mapping[str, Any]) -> dict[str, Any]:
        """What is set here, laid over `below`; mappings (seats, strategies) are joined."""
        mine = self.model_dump(exclude_unset=True)
        joined = {
            k: {**below[k], **v} for k, v in mine.items() if isinstance(v, dict) and isinstance(below.get(k), dict)
        }
        return {**below, **mine, **joined}


class Outcome(Frozen):
    """A number that every game yields: a figure of its scorecard, a count of events, or the round of the first one."""

    title: Note = ""
    of: Note | None = None
    """composite, lens:NAME, item:NAME, metric:NAME, judged:NAME, government:SEAT:NAME, run:NAME."""
    count: Pattern | None = None
    """How many events match."""
    first: Pattern | None = None
    """The round of the first event that matches; the last round where none does (a restricted mean)."""
    from_round: Annotated[int, Field(ge=1)] = 1
    """Events before it do not count."""
    scale: Scale = "continuous"
    better: Literal["higher", "lower"] = "higher"
    low: float | None = None
    high: float | None = None
    """Ends of the scale, for what missing games could change; those seen, where none are given."""

    @model_validator(mode="after")
    def _one_source(self) -> Outcome:
        if sum(x is not None for x in (self.of, self.count, self.first)) != 1:
            raise ValueError("give one of 'of', 'count' and 'first'")
        return self

    @property
    def sign(self) -> int:
        return 1 if self.better == "higher" else -1


class Reference(Frozen):
    """Play that shows where the scale begins or ends; never compared."""

    settings: Treatment
    variants: tuple[int, ...] | None = None
    """None: the suite's."""


class SuiteCaps(Frozen):
    """Limits of a batch; reaching one stops it, resumable."""

    cost_usd: float | None = None
    tokens: int | None = None
    minutes: float | None = None
    run_minutes: Annotated[float, Field(gt=0)] = 120
    """A game that takes longer is broken."""
    call_seconds: Annotated[float, Field(gt=0)] = 300
    """A call that takes longer has failed, retries included."""


class Claim(Frozen):
    """A claim of the crisis's source, and what would speak for and against it."""

    id: Note
    says: Prose
    confirm: Note
    disconfirm: Note
    """Expressions over outcomes, as gates are."""


class Suite(Frozen):
    """What a batch plays and what it is asked."""

    id: Id
    title: Note
    question: Prose
    scenario: Note
    variants: tuple[int, ...] | int
    """Their numbers, or how many, spread over all that the scenario has."""
    seeds: tuple[int, ...] = (0,)
    repeats: Annotated[int, Field(ge=1, le=1000)] = 1
    base: Treatment = Treatment()
    factors: Annotated[dict[Id, dict[Id, Treatment]], Field(min_length=1)]
    """Factor -> level -> settings; every combination is a cell."""
    include: tuple[dict[Id, Id], ...] = ()
    """Cells to add again after `exclude`."""
    exclude: tuple[dict[Id, tuple[Id, ...] | Id], ...] = ()
    """Cells to leave out: those whose levels are all among these."""
    compare: Id | None = None
    """The factor whose levels are compared; the first, unless given. The others are contexts."""
    control: Id
    planned: tuple[Id, ...] | None = None
    """Levels whose comparison with the control was planned; all, unless given."""
    outcomes: Annotated[dict[Id, Outcome], Field(min_length=1)]
    primary: Id
    smallest_effect: Annotated[float, Field(gt=0)]
    """The smallest difference of the primary outcome that would matter."""
    lens: Id | None = None
    judges: tuple[Note, ...] = ()
    """MODEL or MODEL@URL each; none: the measured layer alone."""
    judge_samples: Annotated[int, Field(ge=1, le=20)] = 3
    rubrics: tuple[Id, ...] = ()
    """Of those in evals/rubrics; all, unless given."""
    references: dict[Id, Reference] = {}
    caps: SuiteCaps = SuiteCaps()
    gates: tuple[Note, ...] = ()
    claim: Claim | None = None
    _document: Document = PrivateAttr(Document("suite", {}, {}))

    @property
    def document(self) -> Document:
        """The file that it was read from; an empty one for a suite that a batch kept."""
        return self._document

    @property
    def comparisons(self) -> list[str]:
        """Levels whose comparison with the control was planned."""
        levels = [level for level in self.factors[self.compared] if level != self.control]
        return [level for level in levels if self.planned is None or level in self.planned]

    @property
    def judging(self) -> tuple[ModelSpec, ...]:
        """The models that judge."""
        split = [name.partition("@") for name in self.judges]
        return tuple(ModelSpec(model=model, base_url=url or None) for model, _, url in split)

    @property
    def sentences(self) -> dict[NodePath, str]:
        """Gates and what the claim is held against, by place."""
        claimed = ("confirm", "disconfirm") if self.claim else ()
        return {
            **{("gates", n): text for n, text in enumerate(self.gates)},
            **{("claim", part): getattr(self.claim, part) for part in claimed},
        }

    @property
    def compared(self) -> str:
        return self.compare or next(iter(self.factors))

    @property
    def headline(self) -> Outcome:
        return self.outcomes[self.primary]

    def expressions(self) -> list[Expression]:
        return [parse(text) for text in self.gates]


# --- finding and reading ---------------------------------------------------------------------------------------------


def find_suites() -> dict[str, Path]:
    """Every suite by name: the user's first, then those that ship."""
    return find_files("evals", "suites/*.yaml")


def suite_file(name: str) -> Path:
    """The file that a suite's name or path means; raises UsageError that lists what there is."""
    if Path(name).suffix in (".yaml", ".yml"):
        if not Path(name).exists():
            raise UsageError(f"{name} does not exist", hint="see: roleplay list suites")
        return Path(name)
    known = find_suites()
    if check_name(name, "suite") not in known:
        raise unknown("suite", name, known)
    return known[name]


def load_suite(name: str) -> Suite:
    """The suite in a file or of a name; raises UsageError, or AuthorError with every problem and its line."""
    return read_suite(load_document(suite_file(name)))


def read_suite(document: Document) -> Suite:
    """A document as a suite whose parts fit each other."""
    suite = validate(document, Suite)
    suite._document = document
    if problems := list(_problems(document, suite)):
        raise AuthorError(sorted(problems, key=lambda p: p.line or 0))
    return suite


def _problems(document: Document, suite: Suite) -> Iterator[Problem]:
    at = document.problem

    def known(path: tuple[str | int, ...], word: str, words: Iterable[str], what: str) -> Iterator[Problem]:
        listed = list(words)
        if word not in listed:
            yield at(path, f"{what} '{word}' does not exist", listed, meant(word, listed))

    yield from known(("compare",), suite.compared, suite.factors, "factor")
    levels = suite.factors.get(suite.compared, {})
    yield from known(("control",), suite.control, levels, "level")
    yield from known(("primary",), suite.primary, suite.outcomes, "outcome")
    for n, level in enumerate(suite.planned or ()):
        yield from known(("planned", n), level, [lv for lv in levels if lv != suite.control], "level")
    for part in ("include", "exclude"):
        for n, cell in enumerate(getattr(suite, part)):
            for factor, chosen in cell.items():
                yield from known((part, n, factor), factor, suite.factors, "factor")
                for level in (chosen,) if isinstance(chosen, str) else chosen:
                    yield from known((part, n, factor), level, suite.factors.get(factor, {}), "level")
    for n, cell in enumerate(suite.include):
        if missing := suite.factors.keys() - cell.keys():
            yield at(("include", n), f"says nothing of {', '.join(sorted(missing))}", hint="a cell names every factor")
    for name in ("seeds", "variants"):
        numbers = getattr(suite, name)
        if isinstance(numbers, tuple) and len(set(numbers)) < len(numbers):
            twice = ", ".join(str(n) for n in sorted({x for x in numbers if numbers.count(x) > 1}))
            hint = "the same game twice is no second game; use 'repeats' for a model that samples"
            yield at((name,), f"{twice} stands twice", hint=hint)
    if suite.variants in ((), 0) or not suite.seeds:
        yield at(("variants",), "no game would be played")
    for n, name in enumerate(suite.rubrics):
        yield from known(("rubrics", n), name, rubric_files(), "rubric")
    for path, text in suite.sentences.items():
        try:
            found = parse(text)
        except UsageError as error:
            yield at(path, error.message)
            continue
        if ":" not in found.name and found.name != "primary":
            yield from known(path, found.name, suite.outcomes, "outcome")
