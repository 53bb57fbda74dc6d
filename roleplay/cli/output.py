"""What commands print and where: data on standard output, words on standard error, and how to go on after Ctrl-C."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..resources import shown_path


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
    """A path as a person would type it into a shell from here."""
    return shlex.quote(shown_path(path))


def emit(data: Any, as_json: bool, text: str = "") -> None:
    """The command's one document, with whatever dataclasses it holds: JSON where asked, else words for people."""
    if as_json:
        indent = None if isinstance(data, str) else 1
        sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=indent, default=asdict) + "\n")
    elif text:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")


def in_words(part: str, *values: object) -> str:
    """A part of commands.txt.j2."""
    from ..transcripts.html import text_environment

    return str(getattr(text_environment().get_template("commands.txt.j2").module, part)(*values))


def tell(text: str) -> None:
    """Words beside the data."""
    print(text, file=sys.stderr)
