"""A class's session: its set-up in one file that is used again and again, and the worlds that one use of it plays.

Knows nothing about who comes in or how; a world is an ordinary run beside the session's folder.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field

from .crises import load_scenario
from .errors import AuthorError, Problem, UsageError
from .frozen import Id, Note
from .game import Options, create
from .hosting import Host
from .loading import Document, load_document, parse_document, validate
from .players import Fallbacks
from .resources import check_name, shown_path, unknown
from .seats.drivers import OUTSIDE, parse_driver
from .setup import Settings, Setup, resolve
from .transcripts.export import write_atomically

FOLDER = Path("sessions")
"""Where set-ups are kept, under the working directory."""
RECORD = "session.json"


class SessionFile(Settings):
    """A session's set-up: which of a scenario's seats are people's, who plays the others, clock, worlds."""

    id: Id
    title: Note = ""
    worlds: int = Field(1, ge=1, le=12)
    """Games of the same scenario side by side; each has the next seed."""
    team: int = Field(1, ge=1, le=12)
    """How many people may share a seat."""
    minutes: float | None = Field(None, gt=0)
    """What a person has for a turn; none: no limit."""
    stand_in: str = "pass"
    """Who answers when they are over: pass, or a driver."""
    late: float | None = Field(None, ge=1)
    """Seconds after which a model's policy answers in template wording; none: as long as it takes."""
    silence: float = Field(15, ge=0)
    """Seconds of it on an open floor after which a machine speaks that nobody has called."""
    others: Literal["baseline", "voice", "model"] = "voice"
    """Who plays the seats that `seats` does not name; a baseline or voice is the one that the scenario names."""

    def settings(self, number: int = 1) -> Settings:
        """What one of its worlds is set up with."""
        asked = self.model_dump(include=set(Settings.model_fields))
        seats = {seat.lower(): driver for seat, driver in self.seats.items()}
        if self.others == "baseline":
            crisis, scenario = load_scenario(self.scenario, self.crisis)
            playing = {s: f"baseline:{name}" for s, name in scenario.seats.items() if crisis.seats[s].plays}
            seats = playing | seats
        return Settings(**{**asked, "seats": seats, "seed": self.seed + number - 1, "decide": self.others == "model"})

    def setup(self, number: int = 1) -> Setup:
        """One of its worlds, resolved."""
        return resolve(self.settings(number))

    @property
    def people(self) -> list[str]:
        """Seats that are for people."""
        return [seat.lower() for seat, driver in self.seats.items() if driver == "human"]

    @property
    def fallbacks(self) -> Fallbacks:
        return Fallbacks(self.minutes and self.minutes * 60, self.stand_in, self.late, self.silence)


# --- set-ups ---------------------------------------------------------------------------------------------------------


def read_session(document: Document) -> SessionFile:
    """A set-up, checked against what its scenario has; raises AuthorError with all problems, each with its line."""
    found = validate(document, SessionFile)
    problems = list(_problems(document, found))
    if problems:
        raise AuthorError(problems)
    return found


def _problems(document: Document, found: SessionFile) -> Iterator[Problem]:
    """What does not exist or does not fit, looked up one value at a time, so that each is told where it stands."""
    try:
        crisis, _ = load_scenario(found.scenario, found.crisis)
    except UsageError as error:
        where = "crisis" if error.message.startswith("crisis") else "scenario"
        yield document.problem((where,), error.message, hint=error.hint)
        return
    for path, asked in _parts(found):
        try:
            resolve(Settings.model_validate({"scenario": found.scenario, **asked}), crisis)
        except UsageError as error:
            yield document.problem(path, error.message.removeprefix("--"), hint=error.hint)
    try:
        parse_driver(found.stand_in if found.stand_in != "pass" else "human")
    except UsageError as error:
        yield document.problem(("stand_in",), error.message, hint="or 'pass'")
    if found.trust_templates:
        yield document.problem(("trust_templates",), "a file cannot vouch for templates", hint="take the line out")
    if found.others == "model" and not found.model:
        yield document.problem(("others",), "no model is named", hint="name one: model: NAME")
    if not any(driver in OUTSIDE for driver in found.seats.values()):
        yield document.problem(("seats",), "no seat is for a person", hint="as in us: human")


def _parts(found: SessionFile) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Each value that names something, with where it stands."""
    for field in ("seats", "strategies", "claims", "delegations"):
        for name, value in getattr(found, field).items():
            yield (field, name), {field: {name: value}}
    for field in ("rounds", "variant", "world", "mask", "bind", "open_floor"):
        if value := getattr(found, field):
            yield (field,), {field: value}


def find_sessions() -> dict[str, Path]:
    """Every saved set-up by name."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.yaml"))}


def saved_sessions() -> dict[Path, SessionFile | AuthorError]:
    """Every saved set-up, or what is wrong in it."""
    found: dict[Path, SessionFile | AuthorError] = {}
    for path in find_sessions().values():
        try:
            found[path] = read_session(load_document(path))
        except AuthorError as error:
            found[path] = error
    return found


def load_session(name: str) -> SessionFile:
    """A saved set-up by its name or file; raises UsageError or AuthorError."""
    known = find_sessions()
    path = Path(name) if name.endswith((".yaml", ".yml", ".json")) else known.get(name)
    if path is None:
        raise unknown("session set-up", name, known)
    return read_session(load_document(path))


def save_session(fields: dict[str, Any], *, anew: bool = False) -> tuple[SessionFile, Path]:
    """Check a set-up and write its file; raises AuthorError, or UsageError where it is there and `anew` is not said."""
    path = FOLDER / f"{check_name(str(fields.get('id', '')), 'session')}.yaml"
    if path.exists() and not anew:
        raise UsageError(f"{path} exists already", hint="choose another name, or edit it")
    text = yaml.safe_dump(fields, allow_unicode=True, sort_keys=False, width=110)
    found = read_session(parse_document(text.encode(), shown_path(path)))
    FOLDER.mkdir(exist_ok=True)
    write_atomically(path, text)
    return found, path


# --- one use of it ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Session:
    """A set-up in use: its folder keeps who sits where, its worlds are runs beside that."""

    folder: Path
    file: SessionFile
    runs: tuple[Path, ...]

    @property
    def name(self) -> str:
        return self.folder.name

    def hosts(self, options: Options) -> list[Host]:
        """Its worlds, ready to go on; none begins before control says so."""
        found = [Host(run, options, self.file.fallbacks) for run in self.runs]
        for host in found:
            if not host.over:
                host.pause(True)
        return found


def begin(file: SessionFile, out: str | Path) -> Session:
    """Write round 0 of every world under a folder, and which of them belong together."""
    options = Options(out=Path(out))
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    folder = options.out.resolve() / f"{file.id}-{stamp}-{secrets.token_hex(2)}"
    setups = [file.setup(number) for number in range(1, file.worlds + 1)]
    runs = tuple(folder.with_name(f"{folder.name}-world-{number}") for number in range(1, file.worlds + 1))
    folder.mkdir(parents=True)
    record = {"file": file.model_dump(mode="json", exclude_defaults=True), "runs": [run.name for run in runs]}
    write_atomically(folder / RECORD, json.dumps(record))
    for setup, run in zip(setups, runs, strict=True):
        create(setup, options, folder=run)
    return Session(folder, file, runs)


def find_session(name: str, out: Path) -> Session | None:
    """A session under way or over, by its folder, its name or an unambiguous start of it."""
    path = Path(name)
    if not (path / RECORD).is_file():
        starts = [f.parent for f in sorted(out.glob(f"*/{RECORD}")) if f.parent.name.startswith(name)]
        exact = [folder for folder in starts if folder.name == name]
        if len(exact or starts) > 1:
            raise UsageError(f"several sessions start with {name!r}", hint=", ".join(f.name for f in starts))
        if not starts:
            return None
        [path] = exact or starts
    return _opened(path.resolve())


def _opened(folder: Path) -> Session:
    data = json.loads((folder / RECORD).read_text("utf-8"))
    runs = tuple(folder.with_name(run) for run in data["runs"])
    return Session(folder, SessionFile.model_validate(data["file"]), runs)


def played_sessions(out: Path) -> list[Path]:
    """Folders of the sessions that were begun under a folder."""
    return sorted(file.parent.resolve() for file in out.glob(f"*/{RECORD}"))


def owner_of(run: Path) -> Path | None:
    """The folder of the session that a run is a world of."""
    return next((f for f in played_sessions(run.parent) if run.resolve() in _opened(f).runs), None)
