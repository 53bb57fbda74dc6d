"""Finds the run that somebody means: a folder, a name, an unambiguous start of a name, an export, or a sample.

Looks at names of files and folders, and at what a run was branched from; knows nothing else of what is in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import RoleplayError, UsageError
from ..journal import FILE, parent_of

EXPORT = ".jsonl"
_PACKAGE = Path(__file__).resolve().parents[1]
SAMPLES = (_PACKAGE / "samples", _PACKAGE.parent / "transcripts")
"""Where samples are: in the wheel, or in a clone."""


def find_run(text: str, roots: Sequence[Path] | None = None) -> Path:
    """The run's folder or export that `text` means; raises UsageError that lists the candidates.

    A path that exists wins; then an exact name in the first root that has it; then the only name in any root that
    starts so. Roots are `transcripts/` under the working directory unless given; samples come last.
    """
    path = Path(text)
    with suppress(RuntimeError):  # '~nobody'
        path = path.expanduser()
    if text and is_run(path):
        return path.parent if path.name == FILE else path
    runs = known_runs(roots)
    if text in runs:
        return runs[text]
    starts = [name for name in runs if text and name.startswith(text)]
    if len(starts) == 1:
        return runs[starts[0]]
    if starts:
        raise UsageError(f"several runs start with {text!r}: {_listed(starts)}", hint="type more of the name")
    hint = f"there is {_listed(sorted(runs))}" if runs else "there is none yet; start one with: roleplay run SCENARIO"
    raise UsageError(f"no run is called {text!r}", hint=hint)


def known_runs(roots: Sequence[Path] | None = None) -> dict[str, Path]:
    """Every run by name, earlier roots first where two have the same name."""
    runs: dict[str, Path] = {}
    for root in (*(roots if roots is not None else (Path.cwd() / "transcripts",)), *SAMPLES):
        for name, path in _runs_in(root):
            runs.setdefault(name, path)
    return runs


def run_folders(root: Path) -> list[Path]:
    """Every run under a root, newest last."""
    return sorted((f.parent for f in root.glob(f"*/{FILE}")), key=lambda f: (f.stat().st_mtime, f.name))


@dataclass(frozen=True)
class Branch:
    """A run and what was branched off it; `at` is the boundary at which it left its own parent, as '3.act'."""

    name: str
    at: str
    branches: tuple[Branch, ...]


def family(folder: Path) -> Branch:
    """The tree that a run belongs to, from the first of its parents that still lies beside it."""
    parents = _parents(folder.parent)
    first = folder.name
    while (above := parents.get(first, ("", ""))[0]) in parents:
        first = above
    return _grown(first, parents)


def with_branches(runs: Sequence[Path]) -> list[Path]:
    """Runs that lie in one folder, and beside them all that were played on from one of them."""
    found, parents = list(runs), _parents(runs[0].parent)
    for run in found:  # Grows: a branch may have branches.
        children = (run.with_name(name) for name, (parent, _) in parents.items() if parent == run.name)
        found += [child for child in children if child not in found]
    return found


def _parents(root: Path) -> dict[str, tuple[str, str]]:
    """Run -> the run that it was branched off and where; ('', '') for one that was not."""
    parents: dict[str, tuple[str, str]] = {}
    for found in run_folders(root):
        with suppress(RoleplayError):  # A damaged run has no parent that could be read.
            name, _, at = parent_of(found).partition("@")
            parents[found.name] = (name, at)
    return parents


def _grown(name: str, parents: dict[str, tuple[str, str]]) -> Branch:
    branches = (_grown(child, parents) for child, (parent, _) in parents.items() if parent == name)
    return Branch(name, parents.get(name, ("", ""))[1], tuple(branches))


def is_run(path: Path) -> bool:
    """Whether a path is a run's folder, its journal, or an export."""
    if path.is_dir():
        return (path / FILE).is_file()
    return path.is_file() and (path.suffix == EXPORT or path.name == FILE)


def _runs_in(root: Path) -> Iterator[tuple[str, Path]]:
    if not root.is_dir():
        return
    for path in sorted(root.iterdir()):
        if path.name != FILE and is_run(path):
            yield (path.name if path.is_dir() else path.stem), path


def _listed(names: Sequence[str], most: int = 12) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
