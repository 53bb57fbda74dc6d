"""The root of the command line: which modules have its commands. What they do lives in the floors below."""

from __future__ import annotations

import sys

import typer

from . import authoring, experiments, people, playing, reading, scoring, sessions, upkeep

COMMANDS = (playing, people, sessions, reading, scoring, experiments, authoring, upkeep)
"""Modules whose commands are `roleplay`'s own; each has them in its `app`."""

app = typer.Typer(
    name="roleplay",
    help="Language models and people play governments in a crisis.\n\n"
    "Example: roleplay run august-2017\n\nFirst look, without any model: roleplay replay august-2017-by-hand",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in COMMANDS:
    app.add_typer(module.app)


@app.callback(invoke_without_command=True)
def _root(version: bool = typer.Option(False, "--version", help="Print the version and exit.")) -> None:
    if version:
        from importlib.metadata import version as installed

        sys.stdout.write(installed("crisis-roleplay") + "\n")
        raise typer.Exit
