"""Commands that keep house: validate, fetch-model, doctor, config show."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import AuthorError, Problem, RoleplayError, UsageError
from .options import Json
from .output import emit, in_words, tell

if TYPE_CHECKING:
    from ..loading import Document

app = typer.Typer()
config_app = typer.Typer(help="Settings and where they come from.\n\nExample: roleplay config show --origin")
app.add_typer(config_app, name="config")


@app.command()
def validate(
    files: Annotated[
        list[Path], typer.Argument(help="Crises (folders or zips), files of them, suites, set-ups of sessions.")
    ],
    as_json: Json = False,
) -> None:
    """Check files written by hand: every problem at once, each with file, line, what was found and what is allowed.

    Example: roleplay validate crises/strait
    """
    from ..crises.validation import validate_path
    from ..loading import collecting, load_document
    from ..seats.profiles import profiles

    problems: list[Problem] = []
    for path in files:
        if not path.exists():
            raise UsageError(f"{path} does not exist")
        if path.is_file() and path.parent.name in CHECKS:
            with collecting(problems):
                CHECKS[path.parent.name](load_document(path))
        else:
            problems += validate_path(path, profiles())
    data = {"ok": not problems, "problems": problems}
    emit(data, as_json, "\n".join(map(str, problems)) or "ok")
    if problems:
        raise typer.Exit(AuthorError.exit_code)


def _check_suite(document: Document) -> None:
    """The suite, and what it asks for (a variant that its scenario does not have, say)."""
    from ..experiments.matrix import lay_out
    from ..experiments.suites import read_suite

    lay_out(read_suite(document))


def _check_session(document: Document) -> None:
    from ..sessions import read_session

    read_session(document)


CHECKS: dict[str, Callable[[Document], None]] = {"suites": _check_suite, "sessions": _check_session}
"""Folder -> what checks the files in it that belong to no crisis; raises AuthorError."""


@app.command("fetch-model")
def fetch_model(
    name: Annotated[str | None, typer.Argument(help="A model of: roleplay list models.")] = None,
    dir: Annotated[Path | None, typer.Option("--dir", help="Where to keep it; default: the user's cache.")] = None,
    as_json: Json = False,
) -> None:
    """Install the embedded model's file, checked against its hash.

    Example: roleplay fetch-model
    """
    from ..models.fetch import DEFAULT
    from ..models.fetch import fetch_model as fetch

    path, sha256 = fetch(name or DEFAULT, dir)
    emit({"path": str(path), "sha256": sha256}, as_json, f"{path}\nsha256 {sha256}")


@config_app.command("show")
def config_show(
    origin: Annotated[bool, typer.Option("--origin", help="Say where each value came from.")] = False,
    as_json: Json = False,
) -> None:
    """Print the settings in force; keys are never among them.

    Example: roleplay config show --origin
    """
    from .config import settings

    rows = settings()
    data: dict[str, Any] = {r.name: {"value": r.value, "origin": r.origin} if origin else r.value for r in rows}
    words = "\n".join(f"{r.name} = {r.value}{f'  ({r.origin})' if origin else ''}" for r in rows)
    emit(data, as_json, words)


@app.command()
def doctor(
    class_size: Annotated[int | None, typer.Option("--class", min=1, help="Also measure for a class of N.")] = None,
    as_json: Json = False,
) -> None:
    """Check that this machine can play: Python, disk, data files, the embedded model.

    Example: roleplay doctor
    """
    checks = [check() for check in (_python, _disk, _data, _engine, _model)]
    if class_size is not None:
        from .classroom import class_checks

        checks += class_checks(class_size)
    emit({"checks": checks}, as_json, in_words("doctor", checks))
    if not all(c["ok"] for c in checks):
        tell("something is missing; see the hints")
        raise typer.Exit(1)


def checked(name: str, ok: bool, detail: str, hint: str) -> dict[str, Any]:
    """What came of a check; what to do where it failed."""
    return {"name": name, "ok": ok, "detail": detail, "hint": "" if ok else hint}


def _python() -> dict[str, Any]:
    found = ".".join(map(str, sys.version_info[:3]))
    return checked("python", sys.version_info >= (3, 11), found, "install Python 3.11 or newer")


def _disk() -> dict[str, Any]:
    from .config import load_config

    out = Path(load_config().out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out) as file:
            file.write(b"x")
        free = shutil.disk_usage(out).free // 2**20
    except OSError as error:
        return checked("disk", False, f"{out}: {error.strerror}", "choose another --out")
    return checked("disk", free > 100, f"{free} MiB free for {out}", "free some space")


def _data() -> dict[str, Any]:
    from ..crises import find_crises, load_crisis

    try:
        names = [load_crisis(name).file.id for name in find_crises()]
    except RoleplayError as error:
        return checked("crises", False, str(error).splitlines()[0], "roleplay validate tells all of it")
    return checked("crises", bool(names), ", ".join(names) or "none found", "reinstall the package")


def _engine() -> dict[str, Any]:
    from importlib.util import find_spec

    found = find_spec("xllamacpp") is not None
    hint = "pip install 'crisis-roleplay[embedded]', or name an endpoint with --model and --base-url"
    return checked("embedded engine", found, "xllamacpp" if found else "not installed", hint)


def _model() -> dict[str, Any]:
    from ..models.fetch import DEFAULT, find_gguf

    path = find_gguf(DEFAULT)
    return checked("embedded model", path is not None, str(path or "not on this machine"), "roleplay fetch-model")
