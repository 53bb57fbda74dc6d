"""Commands that read runs and the catalogue: export, show, verify, salvage, list."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import typer

from ..errors import UsageError
from .options import Json
from .output import emit, shown, tell

app = typer.Typer()
RunArgument = Annotated[str, typer.Argument(help="A run's folder or name, an export, or a sample.")]


def find(run: str) -> Path:
    """The run that somebody means, looked for where runs are kept."""
    from ..transcripts.finding import find_run
    from .config import load_config

    return find_run(run, [Path(load_config().out)])


def folder_of(run: str) -> Path:
    """The folder of the run that somebody means; an export has none."""
    found = find(run)
    if not found.is_dir():
        hint = f"to see it: roleplay replay {run}"
        raise UsageError(f"{run} is an export; this needs the run's folder with its journal", hint=hint)
    return found


@app.command()
def export(
    run: RunArgument,
    format: Annotated[Literal["jsonl", "md", "html", "csv", "inspect"], typer.Option("--format")] = "jsonl",
    as_seat: Annotated[str | None, typer.Option("--as", metavar="SEAT", help="What this seat may read.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="File to write; standard output without it.")] = None,
) -> None:
    """Write a run's transcript: everything (said so in its header), or what one seat may read.

    Example: roleplay export august-2017-20261124 --format html --as us --out us.html
    """
    from ..transcripts.export import export as write
    from ..transcripts.export import write_atomically
    from ..transcripts.record import load_record

    if format == "inspect":
        from .experiments import export_inspect

        export_inspect(run, out)
        return
    record = load_record(find(run))
    text = write(record.as_seat(as_seat) if as_seat else record, format)
    if out is None:
        sys.stdout.write(text)
        return
    write_atomically(out, text)
    tell(f"written: {shown(out)}")


@app.command()
def show(
    run: RunArgument,
    event: Annotated[str, typer.Argument(help="Id of an event, or an unambiguous start of it.")],
    prompt: Annotated[bool, typer.Option("--prompt", help="Also what the seat's model was sent and answered.")] = False,
    as_json: Json = False,
) -> None:
    """Show one event, and with --prompt the exact messages, schema and raw reply behind it.

    Example: roleplay show august-2017-20261124 1f3a9c --prompt
    """
    from ..transcripts.record import load_record, prompt_of

    path = find(run)
    found = load_record(path).find(event)
    data: dict[str, Any] = {"event": found.model_dump(mode="json")}
    if prompt:
        if not path.is_dir():
            raise UsageError("an export holds no prompts; show --prompt needs the run's folder")
        data |= prompt_of(path, found)
    emit(data, as_json, json.dumps(data, ensure_ascii=False, indent=2))


@app.command()
def verify(run: RunArgument, as_json: Json = False) -> None:
    """Check that a run is whole: the hash chain, the ids, the number of rows; of an export, its digests.

    Example: roleplay verify august-2017-20261124
    """
    from ..journal.verify import verify as check
    from ..transcripts.jsonl import verify as check_export

    path = find(run)
    found = check(path) if path.is_dir() else check_export(path)
    data = {"ok": found.ok, "events": found.events, "damage": found.damage}
    words = "\n".join([f"{'ok' if found.ok else 'DAMAGED'}: {found.events} events", *map(str, found.damage)])
    emit(data, as_json, words)
    if not found.ok:
        if path.is_dir():
            tell(f"save what can be saved: roleplay salvage {run}")
        raise typer.Exit(6)


@app.command()
def salvage(
    run: RunArgument,
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the saved run; default: RUN-salvaged.")] = None,
    as_json: Json = False,
) -> None:
    """Save every event before the damage into a new run that can be read and resumed.

    Example: roleplay salvage august-2017-20261124 --out august-saved
    """
    from ..journal.salvage import salvage as save
    from ..journal.verify import verify as check

    folder = folder_of(run)
    damage = check(folder).damage
    saved = save(folder, out or folder.with_name(f"{folder.name}-salvaged"))
    data = {
        "ok": saved.lost == 0, "events": saved.events, "damage": damage, "lost": saved.lost,
        "run": str(saved.path.resolve()),
    }  # fmt: skip
    emit(data, as_json, f"saved {saved.events} events to {shown(saved.path)}")


# --- list ------------------------------------------------------------------------------------------------------------

T = TypeVar("T")
Rows = list[dict[str, Any]]


@app.command("list")
def list_(
    kind: Annotated[str, typer.Argument(help="What to list.")] = "scenarios",
    crisis: Annotated[str | None, typer.Option("--crisis", help="Of this crisis only.")] = None,
    as_json: Json = False,
) -> None:
    """List crises and what is in them, runs, models, rubrics or suites; an unknown word is told all that there is.

    Example: roleplay list scenarios
    """
    if kind not in LISTS:
        raise UsageError(f"cannot list '{kind}'; there is {', '.join(LISTS)}")
    rows = LISTS[kind](crisis)
    words = "\n".join(
        row["name"] if row["title"] == row["name"] else f"{row['name']:<28} {row['title']}" for row in rows
    )

    emit(rows, as_json, words or f"no {kind}")


def _crises(only: str | None) -> list[Any]:
    """The crises as their files stand; whether these agree with each other is for `validate` to say.

    A broken one is told beside the others, unless it is the one that was asked for.
    """
    from ..crises import find_crises, read_crisis
    from ..crises.places import crisis_folder
    from ..errors import AuthorError, Problem

    found, problems = [], list[Problem]()
    for folder in [crisis_folder(only)] if only else find_crises().values():
        read = read_crisis(folder, problems)
        found += [read[0]] if read else []
    if problems and only:
        raise AuthorError(problems)
    if problems:
        tell(str(AuthorError(problems)))
    return found


def _parts(kind: str) -> Callable[[str | None], Rows]:
    return lambda only: _rows(kind, _crises(only))


def _rows(kind: str, crises: list[Any]) -> Rows:
    """Parts of one kind of some crises, with what each is and where it stands."""
    from ..authoring.parts import KINDS

    part = KINDS[kind]
    return [
        {"name": name, "title": getattr(item, "title", "") or item.name, "path": str(part.path(c, name)),
         **{key: getattr(item, key) for key in ("meaning", "note", "unit", "status") if getattr(item, key, "")},
         "crisis": c.file.id}
        for c in crises for name, item in part.rows(c).items()
    ]  # fmt: skip


def _rules(only: str | None) -> Rows:
    from ..rules import list_rules

    rows = [(c, rule) for c in _crises(only) for rule in list_rules(c)]
    return [{**r.model_dump(), "path": str(c.folder / "rules.yaml"), "crisis": c.file.id} for c, r in rows]


def _commitments(only: str | None) -> Rows:
    crises = _crises(only)
    kinds = {(c.file.id, t.id): t for c in crises for t in c.types.values()}
    listed = _rows("commitment", crises)
    for row in listed:
        kind = kinds.get((row["crisis"], row["name"]))
        row |= {"of": "type", "objects": list(kind.objects)} if kind else {"of": "object"}
    return listed


def _runs(_: str | None) -> Rows:
    from ..transcripts.finding import run_folders
    from .config import load_config

    return [{"name": f.name, "title": f.name, "path": str(f.resolve())} for f in run_folders(Path(load_config().out))]


def _models(_: str | None) -> Rows:
    from ..models.fetch import CATALOGUE, find_gguf

    rows = ((name, row, str(find_gguf(name) or "")) for name, row in CATALOGUE.items())
    return [{"name": name, "title": row.title, "path": path, "licence": row.licence} for name, row, path in rows]


def _baselines(_: str | None) -> Rows:
    from ..seats.profiles import FOLDER, profiles

    return [{"name": name, "title": p.title, "path": str(FOLDER / f"{name}.yaml")} for name, p in profiles().items()]


def _suites(_: str | None) -> Rows:
    from ..experiments.suites import find_suites, load_suite

    read = _read(find_suites(), lambda path: load_suite(str(path)))
    return [{"name": name, "title": suite.title, "path": str(path)} for name, path, suite in read]


def _rubrics(_: str | None) -> Rows:
    from ..scoring.rubrics import load_rubric, rubric_files

    read = _read(rubric_files(), load_rubric)
    return [{"name": r.name, "title": r.title, "path": str(p), "unit": r.unit, "scale": r.scale} for _, p, r in read]


def _read(files: Mapping[str, Path], load: Callable[[Path], T]) -> list[tuple[str, Path, T]]:
    """Each file with what is in it; a broken one is told beside the others."""
    from ..errors import AuthorError, Problem
    from ..loading import collecting

    found, problems = [], list[Problem]()
    for name, path in files.items():
        with collecting(problems):
            found.append((name, path, load(path)))
    if problems:
        tell(str(AuthorError(problems)))
    return found


LISTS: dict[str, Callable[[str | None], Rows]] = {
    "crises": lambda only: [{"name": c.file.id, "title": c.file.title, "path": str(c.folder)} for c in _crises(only)],
    "scenarios": _parts("scenario"),
    "personas": _parts("persona"),
    "strategies": _parts("strategy"),
    "baselines": _baselines,
    "rules": _rules,
    "instruments": _parts("instrument"),
    "commitments": _commitments,
    "worlds": _parts("world"),
    "rings": _parts("ring"),
    "indicators": _parts("indicator"),
    "lines": _parts("line"),
    "endings": _parts("ending"),
    "lenses": _parts("lens"),
    "metrics": _parts("metric"),
    "rubrics": _rubrics,
    "runs": _runs,
    "models": _models,
    "suites": _suites,
}
