"""Commands for classes: set up a session, list set-ups, remove a session whole. Knows nothing about its pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ..errors import AuthorError, UsageError
from . import options as opt
from .output import emit, shown

app = typer.Typer()
session_app = typer.Typer(help="Class sessions.\n\nExample: roleplay session new monday august-2017 --seat us=human")
app.add_typer(session_app, name="session")


@session_app.command("new")
@opt.with_play_options
def new(
    name: Annotated[str, typer.Argument(help="Name of the set-up: small letters, digits, '-'.")],
    scenario: opt.ScenarioName,
    title: Annotated[str, typer.Option("--title", help="As it is shown to people.")] = "",
    *,
    asked: opt.PlayOptions,
    worlds: opt.Worlds = 1,
    team: Annotated[int, typer.Option("--team", min=1, max=12, help="How many people may share a seat.")] = 1,
    minutes: opt.Minutes = None,
    stand_in: opt.StandInFor = "pass",
    late: opt.Late = None,
    others: Annotated[
        Literal["baseline", "voice", "model"] | None,
        typer.Option("--others", help="Who plays the seats that are not named; else as in: roleplay run."),
    ] = None,
    as_json: opt.Json = False,
) -> None:
    """Write a session's set-up to sessions/NAME.yaml, checked; `roleplay serve NAME` plays it, as often as you like.

    Example: roleplay session new monday august-2017 --seat us=human --worlds 2 --others baseline
    """
    from pydantic_core import to_jsonable_python

    from ..sessions import SessionFile, save_session

    config = opt.config_of(asked)
    fields: dict[str, Any] = {
        "id": name, "title": title, "scenario": scenario, **opt.wanted(asked), "worlds": worlds, "team": team,
        "minutes": minutes, "stand_in": stand_in, "late": late, "model": config.model, "base_url": config.base_url,
        "others": others or ("model" if config.model else "voice"),
    }  # fmt: skip
    told = SessionFile.model_fields
    rows = {name: value for name, value in fields.items() if value != told[name].default}
    _, path = save_session(to_jsonable_python(rows))
    words = f"written: {shown(path)}\nroleplay serve {name} --host 0.0.0.0"
    emit({"path": str(path.resolve())}, as_json, words)


@session_app.command("list")
def list_(as_json: opt.Json = False) -> None:
    """List the set-ups in sessions/, and the sessions that were played from them.

    Example: roleplay session list
    """
    from ..sessions import played_sessions, saved_sessions

    rows: list[dict[str, Any]] = [
        {"name": path.stem, "title": str(file) if isinstance(file, AuthorError) else file.title or file.scenario,
         "path": str(path.resolve()), "ok": not isinstance(file, AuthorError)}
        for path, file in saved_sessions().items()
    ]  # fmt: skip
    rows += [{"name": f.name, "title": "played", "path": str(f), "ok": True} for f in played_sessions(_out())]
    words = "\n".join(f"{row['name']:<44} {row['title']}" for row in rows)
    emit(rows, as_json, words or "no set-up yet; write one with: roleplay session new")


@session_app.command("pack")
def pack(
    name: Annotated[str, typer.Argument(help="Name of a session, or of a single game's run, or its folder.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder or .zip; default: debrief.zip in the session's folder.")
    ] = None,
    as_json: opt.Json = False,
) -> None:
    """Write a class's debrief pack: worlds side by side, who knew what, where it stands, memo, rubric, activity.

    Example: roleplay session pack monday-20261124-101500-ab12 --out monday.zip
    """
    from ..game import open_run
    from ..sessions import find_session
    from ..transcripts.finding import find_run
    from ..transcripts.record import load_record
    from ..web.access import Access
    from ..web.lobby import Lobby
    from ..web.pack import World, write_pack
    from ..web.server import LOBBY

    session = find_session(name, _out())
    runs = session.runs if session else (find_run(name, [_out()]),)
    home = session.folder if session else runs[0]
    if not home.is_dir():
        raise UsageError(f"{name} is an export; a pack needs the run's folder")
    lobby = Lobby(Access(), home / LOBBY)
    worlds = [
        World(load_record(run), tuple(open_run(run).result.people), lobby.of(str(number)))
        for number, run in enumerate(runs, 1)
    ]
    target = out or home / "debrief.zip"
    write_pack(worlds, target, runs[0].parent)
    emit({"path": str(target.resolve())}, as_json, f"written: {shown(target)}")


@session_app.command("delete")
def delete(
    name: Annotated[str, typer.Argument(help="Name of a session, or of a single game's run, or its folder.")],
    as_json: opt.Json = False,
) -> None:
    """Remove a session whole: its worlds' journals, drafts, notes, who sat where, links, branches; its set-up stays.

    Example: roleplay session delete monday-20261124-101500-ab12
    """
    import shutil

    from ..journal import Journal
    from ..sessions import find_session, owner_of
    from ..transcripts.finding import find_run, with_branches

    session = find_session(name, _out())
    runs = list(session.runs) if session else [find_run(name, [_out()])]
    if not session and (owner := owner_of(runs[0])):
        raise UsageError(f"{runs[0].name} is a world of a session", hint=f"roleplay session delete {owner.name}")
    if not runs[0].is_dir():
        raise UsageError(f"{name} is a file, not a session", hint="delete it yourself")
    runs = with_branches([run.resolve() for run in runs])
    for run in runs:
        Journal.open(run, write=True).close()  # Nobody plays it now.
    folders = [*runs, session.folder] if session else runs
    files = sorted(str(f.resolve()) for folder in folders for f in folder.rglob("*") if f.is_file())
    for folder in folders:
        shutil.rmtree(folder)
    emit({"removed": files}, as_json, f"removed {len(files)} files of {(session.folder if session else runs[0]).name}")


def _out() -> Path:
    from .config import load_config

    return Path(load_config().out)
