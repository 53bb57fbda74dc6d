"""Where crises lie: in ./crises, in the package, in a folder or a zip that somebody sent; which of their files count.

A user's folder without a crisis.yaml adds scenarios, strategies, worlds and dossiers to the crisis of its name. Knows
nothing about what the files say.
"""

from __future__ import annotations

import atexit
import re
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from ..errors import AuthorError, Problem, UsageError
from ..loading import MAX_BYTES, parse_document
from ..personas import dossier_files, persona_folders
from ..resources import NAME, find_resources, inside, shown_path, unknown

CRISIS = "crisis.yaml"
PARTS = ("worlds", "scenarios", "strategies")
"""Folders of a crisis with one thing a file."""
MAX_FILES = 500
SAFE = "letters, digits, '-' and '_', no blanks, no links that lead out"


def find_crises() -> dict[str, Path]:
    """Every crisis by name: the user's ./crises first, then those that ship."""
    found: dict[str, Path] = {}
    for resource in find_resources("crises"):
        for folder in sorted(p for p in resource.path.iterdir() if (p / CRISIS).is_file()):
            found.setdefault(folder.name, folder)
    return found


def crisis_folder(name: str | Path) -> Path:
    """The folder of a crisis by its name, folder or zip; raises UsageError that lists what there is."""
    if (Path(name) / CRISIS).is_file():
        return Path(name)
    if is_zip(Path(name)):
        return unpacked(Path(name).resolve())
    known = find_crises()
    if str(name) in known:
        return known[str(name)]
    raise unknown("crisis", str(name), known, f"a crisis is a folder with {CRISIS}, or such a folder as a zip")


def additions(name: str) -> Path:
    """Where a user's own scenarios, strategies, worlds and dossiers of a crisis that ships lie."""
    return Path("crises") / name


def places(folder: Path) -> list[Path]:
    """Folders whose files make up a crisis: its own, then what the user has added to it."""
    added = additions(folder.resolve().name)
    return [folder, added] if added.is_dir() and not (added / CRISIS).is_file() else [folder]


def files_of(folder: Path, part: str) -> dict[str, Path]:
    """The files of one part (worlds, scenarios, ..., personas) of a crisis by name; the user's own before ours."""
    if part == "personas":
        return dossier_files(*dossier_folders(folder))
    return {path.stem: path for place in places(folder) for path in sorted((place / part).glob("*.yaml"))}


def dossier_folders(folder: Path) -> list[Path]:
    """Folders with the dossiers of the crisis in `folder`, first come first: its own alone, else all of its name."""
    own = folder / "personas"
    return [own] if own.is_dir() else persona_folders(folder.resolve().name)


def strays(folder: Path) -> Iterator[Path]:
    """Files whose names, or whose links, could mean another place than they stand in; what is hidden is not read."""
    for n, path in enumerate(sorted(folder.rglob("*"))):
        name = path.relative_to(folder).as_posix()
        if n >= MAX_FILES:
            raise AuthorError([Problem(shown_path(folder), None, "", "holds too much", f"at most {MAX_FILES} files")])
        if not _hidden(name) and not _safe(folder, name):
            yield path


def _safe(folder: Path, name: str) -> bool:
    try:
        inside(folder, name)
    except UsageError:
        return False
    return True


def _hidden(name: str) -> bool:
    """Whether a file is one of the system's own, as .DS_Store."""
    parts = name.split("/")
    return parts[0] == "__MACOSX" or any(re.fullmatch(r"\.[A-Za-z0-9_][A-Za-z0-9_.-]*", part) for part in parts)


# --- zips ------------------------------------------------------------------------------------------------------------


def is_zip(path: Path) -> bool:
    return path.suffix == ".zip" and path.is_file()


@cache
def unpacked(path: Path) -> Path:
    """The folder of the crisis in a zip, in a place that is gone with the program.

    Nothing is written before every name, kind and size was looked at; raises AuthorError with all that is refused.
    """
    shown = shown_path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            kept = [i for i in archive.infolist() if not i.is_dir() and not _hidden(i.filename)]
            if problems := list(_refused(kept, shown)):
                raise AuthorError(problems)
            texts = {info.filename: _read(archive, info, shown) for info in kept if info.filename.endswith(".yaml")}
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
        raise AuthorError([Problem(shown, None, "", f"cannot be read as a zip: {error}")]) from error
    tops = [name.removesuffix(CRISIS) for name in texts if name.split("/")[-1] == CRISIS and name.count("/") <= 1]
    if len(tops) != 1:
        found = f"{len(tops)} files {CRISIS}"
        raise AuthorError([Problem(shown, None, "", found, "one, at the top or in a single folder")])
    home = Path(tempfile.mkdtemp(prefix="roleplay-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    folder = home / _name(texts[tops[0] + CRISIS], path.stem)
    for name, text in texts.items():
        if name.startswith(tops[0]):
            target = inside(folder, name.removeprefix(tops[0]))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text)
    return folder


def _refused(entries: list[zipfile.ZipInfo], shown: str) -> Iterator[Problem]:
    seen: set[str] = set()
    if len(entries) > MAX_FILES:
        yield Problem(shown, None, "", f"{len(entries)} files", f"at most {MAX_FILES}")
    for entry in entries[:MAX_FILES]:
        where, kind = repr(entry.filename)[:120], stat.S_IFMT(entry.external_attr >> 16)
        if not _safe(Path(tempfile.gettempdir()) / "crisis", entry.filename):
            yield Problem(shown, None, where, "this name cannot be used", SAFE)
        if kind not in (0, stat.S_IFREG):
            yield Problem(shown, None, where, "is no ordinary file", "files and folders")
        if entry.flag_bits & 1:
            yield Problem(shown, None, where, "is encrypted", "files that can be read")
        if entry.file_size > MAX_BYTES:
            yield Problem(shown, None, where, "is too large", f"at most {MAX_BYTES:,} bytes")
        if entry.filename.lower() in seen:
            yield Problem(shown, None, where, "stands twice")
        seen.add(entry.filename.lower())


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, shown: str) -> bytes:
    """The bytes of a file, whatever its header says of their number."""
    with archive.open(entry) as stream:
        text = stream.read(MAX_BYTES + 1)
    if len(text) > MAX_BYTES:
        raise AuthorError([Problem(shown, None, entry.filename, "is too large", f"at most {MAX_BYTES:,} bytes")])
    return text


def _name(text: bytes, otherwise: str) -> str:
    """What a crisis calls itself; a zip may have been renamed on its way."""
    try:
        id = parse_document(text, CRISIS).data["id"]
    except (AuthorError, TypeError, KeyError):
        id = otherwise
    return id if isinstance(id, str) and NAME.fullmatch(id) else "crisis"


def told_of(path: Path, problems: list[Problem]) -> list[Problem]:
    """Problems as they are told of what the user named: a zip and a file in it, not the place where it was unpacked."""
    if not is_zip(path) or not problems:
        return problems
    try:
        home = shown_path(unpacked(path.resolve()))
    except AuthorError:
        return problems
    return [replace(p, file=p.file.replace(home, str(path), 1)) for p in problems]
