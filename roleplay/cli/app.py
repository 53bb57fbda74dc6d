"""The commands, their options and where their output goes; what they do lives in the modules below the command line."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from .. import errors

app = typer.Typer(
    name="roleplay",
    help="Language models and people play governments in a crisis.\n\n"
    "Example: roleplay run august-2017\n\nFirst look, without any model: roleplay replay august-2017-by-hand",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@dataclass
class _Under:
    """What is under way, for the words after Ctrl-C: the command that goes on with it."""

    command: str = ""


UNDER_WAY = _Under()


def interrupted() -> str:
    """What to say after Ctrl-C: how to go on."""
    if not UNDER_WAY.command:
        return "roleplay: interrupted"
    return f"roleplay: interrupted; nothing is lost. Go on with: {UNDER_WAY.command}"


def shown(path: Path) -> str:
    """A path as a person would type it from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def emit(data: Any, as_json: bool, text: str = "") -> None:
    """The command's one document: JSON where asked, else words for people."""
    if as_json:
        sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=None if isinstance(data, str) else 1) + "\n")
    elif text:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")


def tell(text: str) -> None:
    """Words beside the data."""
    print(text, file=sys.stderr)


def later(what: str) -> errors.UsageError:
    """The error for a command or option of a later release."""
    return errors.UsageError(f"{what} is not built yet", hint="see CHANGELOG.md for what is")


@app.callback(invoke_without_command=True)
def _root(version: bool = typer.Option(False, "--version", help="Print the version and exit.")) -> None:
    if version:
        from importlib.metadata import version as installed

        sys.stdout.write(installed("crisis-roleplay") + "\n")
        raise typer.Exit


from . import (  # noqa: E402 - the commands register themselves with `app`
    authoring,  # noqa: F401
    calibration,  # noqa: F401
    experiments,  # noqa: F401
    people,  # noqa: F401
    playing,  # noqa: F401
    reading,  # noqa: F401
    recognition,  # noqa: F401
    scoring,  # noqa: F401
    upkeep,  # noqa: F401
)
