"""The JSONL form of a run: one event a line, under a first line that shows whether any of it was lost or changed.

Knows the lines and their seals; knows nothing about folders or who may read what.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from ..errors import DamagedRun, DiskError, UsageError
from ..events import AnyEvent, Event, Run, read_event, read_event_json
from ..journal import digest
from ..journal.verify import Damage, Verification

T = TypeVar("T")

FIRST = ("id", "kind", "round", "phase", "ring", "seat", "readers", "at")
"""The fields that every line begins with, in this order (docs/events.md)."""

SEALS = ("lines", "digest", "marks", "seal")
"""Of the first line: how many lines follow, their digest, four hex digits of each one's, and its own digest."""

EXTRA = ("setup_data", "words", "usage")
"""Of the first line: the full set-up (omniscient only), and who chose moves and words where that was not one model."""

_HINT = "export the run again; `roleplay verify RUN` checks the journal itself"


def dump(events: Sequence[Event], extra: Mapping[str, Any]) -> str:
    """The export of these events, the set-up event first; `extra` are further keys of its line."""
    rest = [line(event) for event in events[1:]]
    body = "".join(f"{text}\n" for text in rest)
    first = {
        **_fields(events[0]), **extra, "lines": len(rest), "digest": digest(body),
        "marks": "".join(_mark(text.encode()) for text in rest),
    }  # fmt: skip
    return f"{_json({**first, 'seal': digest(_json(first))})}\n{body}"


def line(event: Event) -> str:
    """One event as one line of JSON, without its line break."""
    return _json(_fields(event))


def parse(data: bytes, name: str) -> tuple[tuple[AnyEvent, ...], dict[str, Any]]:
    """Events and extra keys of an export; raises DamagedRun with the line where something is lost or changed."""
    lines = data.split(b"\n")
    first = _first(lines[0], name)
    _check(first, lines, data, name)
    extra = {key: first.pop(key) for key in EXTRA if key in first}
    run = {key: value for key, value in first.items() if key not in SEALS}
    events = [_event(read_event, run, 1, name)]
    events += [_event(read_event_json, raw, n, name) for n, raw in enumerate(lines[1:-1], 2)]
    return tuple(cast(AnyEvent, event) for event in events), extra


def verify(path: Path) -> Verification:
    """Check an export; damage is reported, never raised. Raises DiskError."""
    try:
        return Verification(len(parse(read_export(path), path.name)[0]))
    except DamagedRun as error:
        return Verification(damage=[Damage(None, error.message)])


def read_export(path: Path) -> bytes:
    """The bytes of an export; raises UsageError or DiskError."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UsageError(f"{path} does not exist") from error
    except OSError as error:
        raise DiskError(f"cannot read {path}: {error.strerror}") from error


def _first(raw: bytes, name: str) -> dict[str, Any]:
    first = _object(raw, 1, name)
    missing = [key for key in (*FIRST, *SEALS) if key not in first]
    if missing or first["kind"] != Run.model_fields["kind"].default:
        raise DamagedRun(f"{name}:1: not the first line of an exported run", hint=_HINT)
    seal = f', "seal": {_json(first["seal"])}}}'.encode()
    if not raw.endswith(seal) or first["seal"] != digest(raw[: -len(seal)] + b"}"):
        raise DamagedRun(f"{name}:1: this line was changed after the export", hint=_HINT)
    return first


def _check(first: Mapping[str, Any], lines: Sequence[bytes], data: bytes, name: str) -> None:
    wanted, marks = first["lines"], first["marks"]
    for n, raw in enumerate(lines[1:-1][:wanted], 2):
        if _mark(raw) != marks[4 * (n - 2) : 4 * (n - 1)]:
            raise DamagedRun(f"{name}:{n}: this line was changed after the export", hint=_HINT)
    found = len(lines) - 2
    if found < wanted or lines[-1]:
        raise DamagedRun(f"{name}:{found + 2}: the tail is lost; {found} of {wanted} lines are whole", hint=_HINT)
    if found > wanted:
        raise DamagedRun(f"{name}:{wanted + 2}: {found - wanted} lines were added after the export", hint=_HINT)
    if digest(data[len(lines[0]) + 1 :]) != first["digest"]:
        raise DamagedRun(f"{name}: some line was changed after the export", hint=_HINT)


def _fields(event: Event) -> dict[str, Any]:
    data = event.model_dump(mode="json")
    rest = {key: value for key, value in data.items() if key not in FIRST}
    return {**{key: data[key] for key in FIRST}, "turn": rest.pop("turn"), **rest}


def _json(data: Mapping[str, Any]) -> str:
    text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    return text.translate({0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"})


def _mark(raw: bytes) -> str:
    return digest(raw)[:4]


def _object(raw: bytes, n: int, name: str) -> dict[str, Any]:
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise DamagedRun(f"{name}:{n}: not a line of JSON", hint=_HINT)
    return data


def _event(read: Callable[[T], Event], found: T, n: int, name: str) -> Event:
    try:
        return read(found)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DamagedRun(f"{name}:{n}: {str(error).splitlines()[0]}", hint=_HINT) from error
