"""One archive of a batch from which `report` makes the same bytes again; the same batch gives the same archive."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..crises import find_crises
from ..errors import UsageError
from ..journal import FILE
from ..resources import find_resources
from ..scoring.memory import MEMORY
from .batch import INDEX, RUNS, SUITE, Batch, open_batch
from .report import write_report

STAMP = (1980, 1, 1, 0, 0, 0)
SUFFIX = ".zip"
CITATION = "CITATION.cff"


def write_bundle(batch: Batch, out: Path) -> tuple[Path, str]:
    """Pack suite, index, journals, crisis, prompts, report and citation; returns path and SHA-256."""
    write_report(batch)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(_parts(batch)):
            archive.writestr(zipfile.ZipInfo(name, STAMP), path.read_bytes(), zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo(CITATION, STAMP), _citation(batch), zipfile.ZIP_DEFLATED)
    return out, hashlib.sha256(out.read_bytes()).hexdigest()


def _parts(batch: Batch) -> Iterator[tuple[str, Path]]:
    """Name in the archive, file. Crisis and prompts are those of this machine; each journal also holds its own."""
    for name in (INDEX, SUITE, "report.html", "report.json", "report.csv"):
        yield name, batch.folder / name
    for path in sorted((batch.folder / RUNS).glob("*/*")):
        if path.name in (FILE, MEMORY, "transcript.html"):
            yield f"{RUNS}/{path.parent.name}/{path.name}", path
    crises = find_crises()
    named = {str(arm.settings["crisis"]) for arm in batch.arms if arm.settings.get("crisis")}
    for name in sorted(named | set(json.loads(batch.meta("crises") or "[]"))):
        folder = crises.get(name, Path(name))
        if folder.is_dir():
            yield from ((f"crisis/{folder.name}/{f.relative_to(folder)}", f) for f in folder.rglob("*.yaml"))
    prompts = find_resources("prompts")[-1].path
    yield from ((f"prompts/{f.relative_to(prompts)}", f) for f in prompts.rglob("*") if f.is_file())


def _citation(batch: Batch) -> str:
    suite = batch.suite
    return (
        "cff-version: 1.2.0\nmessage: If you use these games, please cite them and the program that played them.\n"
        f"type: dataset\ntitle: {suite.title!r}\nauthors:\n  - name: whoever played the batch\n"
        f"abstract: {suite.question!r}\n"
    )


@contextmanager
def opened(name: str) -> Iterator[Batch]:
    """A batch by folder or name, or one in a bundle, unpacked for as long as it is open; raises UsageError."""
    if not name.endswith(SUFFIX):
        with open_batch(name) as batch:
            yield batch
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            with zipfile.ZipFile(name) as archive:
                archive.extractall(folder, [m for m in archive.namelist() if m.startswith((INDEX, SUITE, f"{RUNS}/"))])
        except (OSError, zipfile.BadZipFile) as error:
            raise UsageError(f"{name} is no bundle of a batch ({error})") from error
        with Batch.read(Path(folder)) as batch:
            yield batch
