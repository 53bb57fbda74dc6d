"""Commands that read runs and the catalogue: export, show, verify, salvage, list."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ..errors import UsageError
from .app import app, emit, shown, tell
from .playing import Json

RunArgument = Annotated[str, typer.Argument(help="A run's folder or name, an export, or a sample.")]


def find(run: str) -> Path:
    """The run that somebody means, looked for where runs are kept."""
    from ..transcripts.finding import find_run
    from .config import load_config

    return find_run(run, [Path(load_config().out)])


def _folder(run: str) -> Path:
    found = find(run)
    if not found.is_dir():
        raise UsageError(f"{run} is an export; this needs the run's folder with its journal")
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
        raise UsageError("--format inspect is for batches, which are not built yet")
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
    from ..transcripts.prompts import prompt_of
    from ..transcripts.record import load_record

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
    """Check that a run is whole: the hash chain, the ids, the number of rows.

    Example: roleplay verify august-2017-20261124
    """
    from ..journal.verify import verify as check

    found = check(_folder(run))
    data = {"ok": found.ok, "events": found.events, "damage": [d.as_dict() for d in found.damage]}
    words = "\n".join([f"{'ok' if found.ok else 'DAMAGED'}: {found.events} events", *map(str, found.damage)])
    emit(data, as_json, words)
    if not found.ok:
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

    folder = _folder(run)
    saved = save(folder, out or folder.with_name(f"{folder.name}-salvaged"))
    data = {"ok": saved.lost == 0, "events": saved.events, "damage": saved.lost, "run": str(saved.path.resolve())}
    emit(data, as_json, f"saved {saved.events} events to {shown(saved.path)}")


# --- list ------------------------------------------------------------------------------------------------------------

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
    words = "\n".join(f"{row['name']:<28} {row['title']}" for row in rows) or f"no {kind}"
    emit(rows, as_json, words)


def _crises(only: str | None) -> list[Any]:
    from ..crises import find_crises, load_crisis

    return [load_crisis(only)] if only else [load_crisis(name) for name in find_crises()]


def _of_crises(pick: Callable[[Any], Rows]) -> Callable[[str | None], Rows]:
    return lambda only: [{**row, "crisis": c.file.id} for c in _crises(only) for row in pick(c)]


def _rows(items: Any, c: Any, folder: str) -> Rows:
    from ..crises.places import files_of

    own = {} if folder.endswith(".yaml") else files_of(c.folder, folder)
    return [
        {
            "name": i.id,
            "title": getattr(i, "title", "") or i.name,
            "path": str(own.get(i.id, c.folder / folder)),
            **_extra(i),
        }
        for i in items.values()
    ]


def _extra(item: Any) -> dict[str, Any]:
    return {"meaning": item.meaning} if getattr(item, "meaning", "") else {}


def _rules(c: Any) -> Rows:
    from ..rules import list_rules

    return [{**r.model_dump(), "path": str(c.folder / "rules.yaml")} for r in list_rules(c)]


def _personas(c: Any) -> Rows:
    from ..crises.places import dossier_folders
    from ..personas import dossier_files

    paths = dossier_files(*dossier_folders(c.folder))
    return [{"name": p.id, "title": p.name, "path": str(paths[p.id])} for p in c.personas.values()]


def _commitments(c: Any) -> Rows:
    path = str(c.folder / "commitments.yaml")
    types = [
        {"name": t.id, "title": t.title, "path": path, "of": "type", "meaning": t.meaning, "objects": list(t.objects)}
        for t in c.types.values()
    ]
    return types + [{"name": o.id, "title": o.title, "path": path, "of": "object"} for o in c.objects.values()]


def _lenses(c: Any) -> Rows:
    path = str(c.folder / "score.yaml")
    lenses = c.sheet.score.lenses if c.sheet else ()
    return [{"name": row.id, "title": row.title, "path": path, "note": row.note} for row in lenses]


def _metrics(c: Any) -> Rows:
    from ..scoring.metrics import described

    found = described(c.sheet.score) if c.sheet else {}
    return [{"name": n, "title": m.title, "path": str(c.folder / "score.yaml"), **asdict(m)} for n, m in found.items()]


def _runs(_: str | None) -> Rows:
    from ..game import folders
    from .config import load_config

    return [{"name": f.name, "title": f.name, "path": str(f.resolve())} for f in folders([Path(load_config().out)])]


def _models(_: str | None) -> Rows:
    from ..models.fetch import CATALOGUE, find_gguf

    return [
        {"name": name, "title": row.title, "path": str(find_gguf(name) or ""), "licence": row.licence}
        for name, row in CATALOGUE.items()
    ]


def _baselines(_: str | None) -> Rows:
    from ..seats.profiles import FOLDER, profiles

    return [{"name": name, "title": p.title, "path": str(FOLDER / f"{name}.yaml")} for name, p in profiles().items()]


def _suites(_: str | None) -> Rows:
    from ..experiments.suites import find_suites, load_suite

    return [{"name": n, "title": load_suite(str(p)).title, "path": str(p)} for n, p in find_suites().items()]


def _rubrics(_: str | None) -> Rows:
    from ..scoring.rubrics import load_rubric, rubric_files

    found = [(load_rubric(path), path) for path in rubric_files().values()]
    return [{"name": r.name, "title": r.title, "path": str(p), "unit": r.unit, "scale": r.scale} for r, p in found]


LISTS: dict[str, Callable[[str | None], Rows]] = {
    "crises": lambda only: [{"name": c.file.id, "title": c.file.title, "path": str(c.folder)} for c in _crises(only)],
    "scenarios": _of_crises(lambda c: _rows(c.scenarios, c, "scenarios")),
    "personas": _of_crises(_personas),
    "strategies": _of_crises(lambda c: _rows(c.strategies, c, "strategies")),
    "baselines": _baselines,
    "rules": _of_crises(_rules),
    "instruments": _of_crises(lambda c: _rows(c.instruments, c, "instruments.yaml")),
    "commitments": _of_crises(_commitments),
    "worlds": _of_crises(lambda c: _rows(c.worlds, c, "worlds")),
    "lenses": _of_crises(_lenses),
    "metrics": _of_crises(_metrics),
    "rubrics": _rubrics,
    "runs": _runs,
    "models": _models,
    "suites": _suites,
}
