"""Names and places: which names are safe, what a misspelt one was meant to be, where folders of data lie.

Knows nothing about what any file says.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .errors import UsageError

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*")


# --- names ----------------------------------------------------------------------------------------------------------


def meant(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """The hint at the known word that `name` was probably meant to be; `otherwise` where none is near."""
    spelt = {word.lower(): word for word in known}
    near = difflib.get_close_matches(name.lower(), spelt, n=1)
    return f"did you mean '{spelt[near[0]]}'?" if near else otherwise


def unknown(kind: str, name: str, known: Iterable[str], otherwise: str = "") -> UsageError:
    """The error for a name that does not exist; `otherwise` is what to do where none is near."""
    listed = sorted(known)
    there = ", ".join(listed) or "none"
    return UsageError(f"{kind} '{name}' does not exist; there is {there}", hint=meant(name, listed, otherwise))


def check_name(name: str, what: str = "name") -> str:
    """`name` if it is a safe one; raises UsageError that says what is."""
    if NAME.fullmatch(name):
        return name
    hint = "small letters, digits, '-' and '_', at most 64, the first a letter or digit"
    raise UsageError(f"{what} {name[:80]!r} cannot be used", hint=hint)


# --- paths and folders ----------------------------------------------------------------------------------------------


def shown_path(path: Path) -> str:
    """A path as a person would type it from here."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def inside(folder: Path, name: str) -> Path:
    """The resolved path of `name` (parts joined by '/') under `folder`; raises UsageError where it would leave it."""
    parts = name.split("/")
    if all(_PART.fullmatch(part) and len(part) <= 100 for part in parts) and len(parts) <= 8:
        home = folder.resolve()
        target = home.joinpath(*parts).resolve()
        if target.is_relative_to(home):
            return target
    raise UsageError(f"{name[:80]!r} is not a path inside {folder}", hint="names joined by '/', no '..', no links out")


Kind = Literal["crises", "personas", "prompts", "evals", "samples"]
PACKAGE = Path(__file__).resolve().parent
_AT_TOP: dict[Kind, str] = {"prompts": "prompts", "evals": "evals", "samples": "transcripts"}
"""Folders that lie at the top of the repository, and under these kinds' names in the wheel."""


@dataclass(frozen=True)
class Resource:
    """A folder of data; `ours` where it came with the program, else the user's, whose templates need explicit trust."""

    path: Path
    ours: bool


def find_resources(kind: Kind, *, cwd: Path | None = None, package: Path = PACKAGE) -> list[Resource]:
    """Existing folders of this kind, first come first: the working directory, the package, the clone around it."""
    folder = _AT_TOP.get(kind, kind)
    ours = [package / kind]
    if kind in _AT_TOP and (package.parent / "pyproject.toml").is_file():
        ours.append(package.parent / folder)
    found = {path.resolve(): Resource(path, ours=True) for path in ours if path.is_dir()}
    users = (cwd or Path.cwd()) / folder
    if users.is_dir() and users.resolve() not in found:
        return [Resource(users, ours=False), *found.values()]
    return list(found.values())


def find_files(kind: Kind, pattern: str, *, ours: bool = False) -> dict[str, Path]:
    """Files of this kind that fit a pattern, by name, first come first; of `ours` alone where asked."""
    found: dict[str, Path] = {}
    for resource in find_resources(kind):
        for path in sorted(resource.path.glob(pattern)) if resource.ours or not ours else ():
            found.setdefault(path.stem, path)
    return found


def find_file(kind: Kind, name: str, *, ours: bool = False) -> Path:
    """The first file of this kind that is called `name`; raises UsageError where there is none."""
    for path in find_files(kind, name, ours=ours).values():
        return path
    raise UsageError(f"{kind}/{name} is missing", hint="install the package again")
