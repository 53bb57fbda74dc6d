"""A batch on the disk: the suite, the games it asks for, what came of each; one index beside the runs' own folders.

An index row is written once a game is over, in one transaction; the games' journals are the truth behind it. Knows
nothing about how games are played or analysed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from ..errors import DamagedRun, RunBusy, UsageError
from ..journal.files import disk
from .matrix import Arm, GameKey, Matrix
from .suites import Suite

INDEX, RUNS, LOCK, SUITE = "batch.sqlite", "runs", "batch.lock", "suite.yaml"
FORMAT = "1"

Bucket = Literal["scored", "unscorable", "broken"]
GROWS = (
    "variants", "seeds", "repeats", "factors", "include", "exclude", "references", "caps", "gates", "title", "question",
)  # fmt: skip
"""Parts of a suite that may grow, or that change no game and no analysis, without making another batch of it."""

TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE games (arm TEXT, variant INTEGER, model TEXT, seed INTEGER, repeat INTEGER, folder TEXT NOT NULL,
  bucket TEXT, why TEXT NOT NULL DEFAULT '', calls INTEGER NOT NULL DEFAULT 0, prompt INTEGER NOT NULL DEFAULT 0,
  cached INTEGER NOT NULL DEFAULT 0, completion INTEGER NOT NULL DEFAULT 0, cost REAL, seconds REAL NOT NULL DEFAULT 0,
  material TEXT NOT NULL DEFAULT '', scorer TEXT NOT NULL DEFAULT '', PRIMARY KEY (arm, variant, model, seed, repeat));
CREATE TABLE cards (folder TEXT PRIMARY KEY, card TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Row:
    """A game of a batch; `bucket` is None until it is over, and the first one stays."""

    key: GameKey
    folder: str
    bucket: Bucket | None = None
    why: str = ""
    calls: int = 0
    prompt: int = 0
    cached: int = 0
    completion: int = 0
    cost: float | None = None
    seconds: float = 0.0
    material: str = ""
    """Hash of what it was played with: prompts, crisis, versions."""
    scorer: str = ""

    @property
    def tokens(self) -> int:
        return self.prompt + self.completion


COLUMNS = tuple(field.name for field in fields(Row))[2:]
"""What comes of a game."""


class Batch:
    """An open batch; for writing it holds the batch's lock until `close`."""

    def __init__(self, folder: Path, db: sqlite3.Connection, lock: FileLock | None) -> None:
        self.folder = folder
        self._db = db
        self._lock = lock

    # --- opening -----------------------------------------------------------------------------------------------------

    @classmethod
    def start(cls, folder: Path, suite: Suite, text: str) -> Batch:
        """Open the batch in `folder` for a suite, new or grown; raises UsageError where it holds an edited one."""
        with disk(folder):
            folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(folder / LOCK, thread_local=False)
            try:
                lock.acquire(timeout=0)
            except Timeout as error:
                raise RunBusy(
                    f"{folder.name}: another process is playing this batch", hint="wait for it, or stop it first"
                ) from error
            with ExitStack() as held:
                held.callback(lock.release)
                batch = cls._ready(folder, suite, text, lock)
                held.pop_all()
            return batch

    @classmethod
    def _ready(cls, folder: Path, suite: Suite, text: str, lock: FileLock) -> Batch:
        if not (folder / INDEX).exists():
            _make(folder / INDEX)
        batch = cls(folder, _connect(folder / INDEX, write=True), lock)
        held = batch.meta("suite")
        if held is not None and (changed := edited(Suite.model_validate_json(held), suite)):
            batch._db.close()
            raise UsageError(
                f"{folder} holds another batch: the suite was edited since ({', '.join(changed)})",
                hint="an edited suite is a new batch: choose another --out",
            )
        batch.note("suite", suite.model_dump_json(exclude_unset=True))
        (folder / SUITE).write_text(text, "utf-8")
        return batch

    @classmethod
    def read(cls, folder: Path) -> Batch:
        """Open a batch for reading; raises UsageError where there is none, DamagedRun where it cannot be read."""
        if not (folder / INDEX).is_file():
            raise UsageError(f"{folder} holds no batch ({INDEX} is missing)", hint="make one with: roleplay eval SUITE")
        batch = cls(folder, _connect(folder / INDEX, write=False), None)
        with disk(folder):
            if (found := batch.meta("format")) != FORMAT:
                raise DamagedRun(f"{folder.name}: batch format {found}; this program reads {FORMAT}")
        return batch

    def close(self) -> None:
        self._db.close()
        if self._lock:
            self._lock.release()

    def __enter__(self) -> Batch:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- what it holds -----------------------------------------------------------------------------------------------

    @property
    def suite(self) -> Suite:
        return Suite.model_validate_json(self.meta("suite") or "{}")

    @property
    def arms(self) -> list[Arm]:
        """The arms in the suite's order, as they were when the batch last grew."""
        return [Arm(**{**row, "variants": tuple(row["variants"])}) for row in json.loads(self.meta("arms") or "[]")]

    def meta(self, name: str) -> str | None:
        with disk(self.folder):
            row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def note(self, name: str, value: str) -> None:
        with self._written() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def rows(self) -> list[Row]:
        """Every game, in a fixed order."""
        with disk(self.folder):
            found = self._db.execute("SELECT * FROM games ORDER BY arm, variant, model, seed, repeat").fetchall()
        return [Row(GameKey(*row[:5]), *row[5:]) for row in found]

    def cards(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """(folder, card) of every game that is over, one at a time."""
        with disk(self.folder):
            for folder, card in self._db.execute("SELECT folder, card FROM cards ORDER BY folder"):
                yield folder, json.loads(card)

    def has(self, figure: str) -> bool:
        """Whether any game that is over has a figure."""
        asked = "SELECT 1 FROM cards WHERE json_type(card, ?) IS NOT NULL LIMIT 1"
        with disk(self.folder):
            return self._db.execute(asked, (f"$.figures.{json.dumps(figure)}",)).fetchone() is not None

    def run_folder(self, row: Row) -> Path:
        return self.folder / RUNS / row.folder

    # --- what is added -----------------------------------------------------------------------------------------------

    def ask_for(self, matrix: Matrix) -> None:
        """Note the games that a suite asks for; those that are there already stay as they are."""
        arms = [asdict(arm) for arm in matrix.arms]
        self._refuse_edited_arms(arms)
        with self._written() as db:
            db.executemany(
                "INSERT OR IGNORE INTO games (arm, variant, model, seed, repeat, folder) VALUES (?, ?, ?, ?, ?, ?)",
                [(*game, game.folder) for game in matrix.games],
            )
            crises = json.dumps(sorted({crisis.file.id for crisis in matrix.crises.values()}))
            noted = {"arms": json.dumps(arms), "crises": crises, "harness": "yes" if matrix.tests_harness else "no"}
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", noted.items())

    def _refuse_edited_arms(self, arms: Iterable[Mapping[str, Any]]) -> None:
        before = {arm.name: _essence(arm.settings) for arm in self.arms}
        changed = [a["name"] for a in arms if before.get(a["name"], _essence(a["settings"])) != _essence(a["settings"])]
        if changed:
            raise UsageError(
                f"{self.folder} holds another batch: the settings of {', '.join(changed)} were edited since",
                hint="an edited suite is a new batch: choose another --out",
            )

    def record(self, row: Row, card: Mapping[str, Any]) -> None:
        """Keep what came of a game, with what its scorecard says; one transaction."""
        names = ", ".join(f"{n} = ?" for n in COLUMNS)
        with self._written() as db:
            db.execute(f"UPDATE games SET {names} WHERE folder = ?", (*(getattr(row, n) for n in COLUMNS), row.folder))
            db.execute("INSERT OR REPLACE INTO cards VALUES (?, ?)", (row.folder, json.dumps(card, sort_keys=True)))

    @contextmanager
    def _written(self) -> Iterator[sqlite3.Connection]:
        with disk(self.folder), self._db:
            yield self._db


def open_batch(name: str, out: Path = Path("transcripts")) -> Batch:
    """The batch in a folder, or of an unambiguous name under `out`; raises UsageError."""
    folder = Path(name)
    if not (folder / INDEX).is_file():
        found = [p for p in sorted(out.glob(f"{name}*")) if (p / INDEX).is_file()]
        if len(found) > 1:
            raise UsageError(f"several batches start with '{name}': {', '.join(p.name for p in found)}")
        folder = found[0] if found else folder
    return Batch.read(folder)


def find_batch(out: Path, suite: Suite) -> tuple[Path, list[str]]:
    """Where a suite's batch is or will be under `out`, and what was edited since the newest batch of that name."""
    changed: list[str] = []
    for folder in sorted(out.glob(f"{suite.id}-*"), key=lambda f: f.stat().st_mtime, reverse=True):
        if (folder / INDEX).is_file():
            with closing(_connect(folder / INDEX, write=False)) as db:
                row = db.execute("SELECT value FROM meta WHERE name = 'suite'").fetchone()
            if row and not (differs := edited(Suite.model_validate_json(row[0]), suite)):
                return folder, []
            changed = changed or (differs if row else [])
    own = hashlib.sha256(suite.model_dump_json(exclude_unset=True).encode()).hexdigest()[:8]
    return out / f"{suite.id}-{own}", changed


def edited(before: Suite, now: Suite) -> list[str]:
    """What was edited, and not only added, between two versions of a suite."""
    old, new = before.model_dump(mode="json"), now.model_dump(mode="json")
    changed = [name for name in old if name not in GROWS and old[name] != new[name]]
    for name in ("variants", "seeds"):
        if isinstance(old[name], list) and isinstance(new[name], list) and not set(old[name]) <= set(new[name]):
            changed.append(name)
    for factor, levels in old["factors"].items():
        kept = new["factors"].get(factor, {})
        changed += [f"factors.{factor}.{n}" for n, settings in levels.items() if n in kept and kept[n] != settings]
    if old["factors"].keys() != new["factors"].keys():
        changed.append("factors")
    return changed


def _essence(settings: Mapping[str, Any]) -> str:
    """An arm's settings but for the model, which is part of a game's key."""
    kept = {k: v for k, v in settings.items() if k not in ("model", "base_url", "decide")}
    return json.dumps(kept, sort_keys=True)


def _make(path: Path) -> None:
    """Make an index, whole or not at all."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with closing(sqlite3.connect(draft)) as db:
        db.executescript(TABLES)
        db.execute("INSERT INTO meta VALUES ('format', ?)", (FORMAT,))
        db.commit()
    shutil.move(draft, path)


def _connect(path: Path, *, write: bool) -> sqlite3.Connection:
    with disk(path.parent):
        uri = f"{path.resolve().as_uri()}?mode={'rw' if write else 'ro'}"
        return sqlite3.connect(uri, uri=True, timeout=5, check_same_thread=False)
