"""Any part of a crisis in words that an analyst can read, with its sources; one template a kind of part.

Knows which kinds there are and where each is found; how data reads as English is in `phrases`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import TypeAdapter

from ..crises import Crisis, changes, find_crises, load_crisis, variant, variant_count
from ..crises.policies import PolicyRule
from ..crises.worlds import WorldRow
from ..errors import AuthorError, Problem, UsageError
from ..loading import collecting
from ..models.fetch import CATALOGUE
from ..resources import unknown
from ..seats.profiles import Profile, load_profile
from .parts import KINDS, Rows
from .phrases import ROOMS, Phrases, cited, mark

TEMPLATES = Path(__file__).parent / "words"

OF_ALL: dict[str, Callable[[str], Any]] = {
    "baseline": load_profile,
    "model": lambda name: _named("model", name, CATALOGUE),
    "suite": lambda name: _suite(name),
    "run": lambda name: _result(name),
}
"""Kinds of things that belong to no crisis, and how one of its name is found; likewise."""
PLURALS = {"crisis": "crises", "strategy": "strategies", "lens": "lenses"}
"""Those that do not end in -s alone."""


@dataclass(frozen=True)
class Described:
    """A part in words, and its data."""

    words: str
    data: Any


def describe(kind: str, name: str, crisis: str | Path | Crisis | None = None, number: int = 0) -> Described:
    """Put a part in words; raises UsageError that says what there is. `number` is the variant of a scenario.

    A kind may be given as `list` has it: scenarios for scenario.
    """
    kind = next((one for one in (*KINDS, *OF_ALL) if kind == PLURALS.get(one, f"{one}s")), kind)
    if number and kind != "scenario":
        raise UsageError(f"--variant {number}: only a scenario has variants")
    if kind in OF_ALL:
        return _described(kind, None, OF_ALL[kind](name), {})
    if kind not in KINDS:
        raise unknown("kind", kind, [*KINDS, *OF_ALL])
    owner, item = _find(kind, name, crisis)
    more: dict[str, Any] = {}
    if kind == "scenario":
        more = {"variant": number, "variants": variant_count(item), "changes": changes(item, number)}
        item = variant(item, number)
    return _described(kind, owner, item, more)


def _named(kind: str, name: str, rows: Rows) -> Any:
    if name not in rows:
        raise unknown(kind, name, rows)
    return rows[name]


def _suite(name: str) -> Any:
    from ..experiments.suites import load_suite  # Slow to import, as what opens a run is, and seldom needed.

    return load_suite(name)


def _result(name: str) -> Any:
    from ..game import open_run
    from ..transcripts.finding import find_run

    path = find_run(name)
    if not path.is_dir():
        raise UsageError(f"{path.name} is an export", hint=f"roleplay replay {path.stem} shows it")
    return open_run(path).result


def _find(kind: str, name: str, crisis: str | Path | Crisis | None) -> tuple[Crisis, Any]:
    if kind == "crisis":
        owner = crisis if isinstance(crisis, Crisis) else load_crisis(name)
        return owner, owner
    named = find_crises() if crisis is None else (crisis,)
    crises: list[Crisis] = []
    problems: list[Problem] = []
    for found in named:
        with collecting(problems):
            crises.append(found if isinstance(found, Crisis) else load_crisis(found))
    rows = [(owner, KINDS[kind].rows(owner)) for owner in crises]
    having = [(owner, found[name]) for owner, found in rows if name in found]
    if not having and problems:
        raise AuthorError(problems)
    if not having:
        raise unknown(kind, name, {word for _, found in rows for word in found})
    if any(item != having[0][1] for _, item in having):
        where = ", ".join(owner.file.id for owner, _ in having)
        raise UsageError(f"{kind} '{name}' is in {where}", hint="say which with --crisis")
    return having[0]


def _described(kind: str, crisis: Crisis | None, item: Any, more: Mapping[str, Any]) -> Described:
    phrases = Phrases(crisis)
    data = {**_data(item), **TypeAdapter(dict[str, Any]).dump_python(dict(more), mode="json")}
    template = _environment().get_template(f"{kind}.j2")
    sources = [phrases.source(key) for key in cited(data if kind != "crisis" else _data(item.file))]
    text = template.render(item=item, crisis=crisis, say=phrases, rooms=ROOMS, sources=sources, **more)
    return Described(text.strip() + "\n", data)


def _data(item: Any) -> dict[str, Any]:
    """An item as plain data; what cannot be data, such as a function of a rule, is left out."""
    if is_dataclass(item) and not isinstance(item, Crisis | type):
        return {f.name: getattr(item, f.name) for f in fields(item) if not callable(getattr(item, f.name))}
    found: dict[str, Any] = TypeAdapter(type(item)).dump_python(item, mode="json")
    return found


@cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    found.filters |= {"mark": mark, "breaking": _breaking, "by_claim": _by_claim}
    found.globals |= {"fields": _fields, "is_policy": lambda rule: isinstance(rule, PolicyRule)}
    return found


def _by_claim(rows: Iterable[WorldRow]) -> Iterable[tuple[str, list[WorldRow]]]:
    """Rows by the claim that they encode, in the order of the file."""
    rows = list(rows)
    return [(claim, [r for r in rows if r.claim == claim]) for claim in dict.fromkeys(r.claim for r in rows)]


def _breaking(crisis: Crisis, instrument: str) -> Iterable[str]:
    """Titles of the clauses that an instrument breaks."""
    kinds = [(row.title, row.broken_by) for row in crisis.types.values()]
    things = [(row.title, row.broken_by) for row in crisis.objects.values()]
    return [title for title, rows in kinds + things if any(instrument in (p.instrument or ()) for p in rows)]


def _fields(profile: Profile) -> Iterable[tuple[str, Any, str]]:
    """(name, value, meaning) of what a profile sets otherwise than most."""
    for name, field in Profile.model_fields.items():
        value = getattr(profile, name)
        if field.description and not field.is_required() and value != field.default:
            yield name, value, field.description
