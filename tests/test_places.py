"""Where crises lie: zips that are sent, a user's additions to a crisis that ships, names that lead elsewhere."""

from __future__ import annotations

import io
import shutil
import stat
import warnings
import zipfile
from pathlib import Path

import pytest

from roleplay.cli import run as command
from roleplay.crises import load_crisis, load_scenario
from roleplay.crises.places import unpacked
from roleplay.crises.validation import validate_path
from roleplay.errors import AuthorError
from roleplay.loading import MAX_BYTES
from roleplay.resources import PACKAGE
from tests.engine.pond import POND


def zipped(path: Path, *more: tuple[str | zipfile.ZipInfo, bytes], top: str = "pond/") -> Path:
    """The pond as a zip, with more entries of any name."""
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")
        for file in sorted(POND.rglob("*.yaml")):
            archive.write(file, f"{top}{file.relative_to(POND)}")
        for name, data in more:
            archive.writestr(name, data)
    return path


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- zips ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("top", ["pond/", "", "pond-main/"])
def test_a_crisis_that_was_zipped_and_sent_is_loaded_as_if_it_lay_there(here: Path, top: str) -> None:
    mac = [("__MACOSX/pond/._crisis.yaml", b"\x00"), (".DS_Store", b"\x00"), ("pond/README.md", b"# Pond")]
    path = zipped(here / "from a friend (1).zip", *mac, top=top)
    assert load_crisis(path).file == load_crisis(POND).file
    assert load_scenario("dam", path)[1].id == "dam"
    assert validate_path(path) == []


def test_a_zip_is_played_and_read_by_the_commands(here: Path) -> None:
    zipped(here / "pond.zip")
    seats = [f"--seat={seat}=baseline:steady" for seat in ("heron", "otter", "newt")]
    assert command(["run", "dam", "--crisis", "pond.zip", "--rounds", "1", *seats]) == 0
    assert command(["describe", "crisis", "pond.zip"]) == 0
    assert command(["list", "instruments", "--crisis", "pond.zip"]) == 0
    assert command(["validate", "pond.zip"]) == 0


def test_problems_inside_a_zip_name_the_zip_and_the_file_in_it(here: Path) -> None:
    path = zipped(here / "pond.zip", ("pond/strategies/bold.yaml", b"id: bold\ntitle: Bold\n"))
    [problem] = validate_path(path)
    assert (problem.file, problem.line, problem.found) == (f"{path}/strategies/bold.yaml", 1, "'note' is missing")
    with pytest.raises(AuthorError, match=r"pond\.zip/strategies/bold\.yaml"):
        load_crisis(path)


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


HOSTILE = [
    "../outside.yaml", "pond/../../outside.yaml", "/etc/outside.yaml", "pond/a b.yaml", "C:\\outside.yaml",
    "pond/..\\..\\outside.yaml", "pond/-rf.yaml", "pond/\x1b[2J.yaml", "pond/$(touch x).yaml", "a/" * 20 + "deep.yaml",
    "pond/scenarios/" + "x" * 200 + ".yaml", "pond/\u202eyaml.exe",
]  # fmt: skip


def test_every_hostile_name_of_a_zip_is_told_and_nothing_is_written(here: Path) -> None:
    path = zipped(here / "evil.zip", *((name, b"x") for name in HOSTILE))
    told = validate_path(path)
    assert len(told) == len(HOSTILE)
    assert all(p.found == "this name cannot be used" and "\x1b" not in str(p) for p in told)
    assert [p.name for p in here.iterdir()] == ["evil.zip"]
    assert not (here.parent / "outside.yaml").exists()


def test_links_doubles_and_bombs_in_a_zip_are_told_at_once(here: Path) -> None:
    path = zipped(
        here / "evil.zip", (link("pond/secret.yaml"), b"/etc/passwd"), ("pond/CRISIS.yaml", b"id: pond"),
        ("pond/bomb.yaml", b" " * (MAX_BYTES + 1)),
    )  # fmt: skip
    found = {(p.where, p.found) for p in validate_path(path)}
    assert found == {
        ("'pond/secret.yaml'", "is no ordinary file"), ("'pond/CRISIS.yaml'", "stands twice"),
        ("'pond/bomb.yaml'", "is too large"),
    }  # fmt: skip


def test_a_bomb_whose_header_lies_is_not_unpacked(here: Path) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("pond/crisis.yaml", b" " * (30 * MAX_BYTES))
    size = (30 * MAX_BYTES).to_bytes(4, "little")
    (here / "bomb.zip").write_bytes(data.getvalue().replace(size, (10).to_bytes(4, "little")))
    with pytest.raises(AuthorError):
        unpacked(here / "bomb.zip")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no zip at all"])
def test_what_is_no_zip_is_an_author_error(here: Path, content: bytes) -> None:
    (here / "x.zip").write_bytes(content)
    assert "cannot be read as a zip" in validate_path(here / "x.zip")[0].found


def test_a_zip_without_a_crisis_says_what_it_should_hold(here: Path) -> None:
    with zipfile.ZipFile(here / "x.zip", "w") as archive:
        archive.writestr("notes.yaml", "a: 1")
    [problem] = validate_path(here / "x.zip")
    assert (problem.found, problem.allowed) == ("0 files crisis.yaml", "one, at the top or in a single folder")


# --- names in a folder -----------------------------------------------------------------------------------------------


def test_hostile_names_in_a_folder_are_told_and_not_read(here: Path) -> None:
    folder = here / "pond"
    shutil.copytree(POND, folder)
    (here / "secret.yaml").write_text("password: hunter2\n")
    (folder / "scenarios" / "out.yaml").symlink_to(here / "secret.yaml")
    (folder / "strategies" / "a b.yaml").write_text("id: a b\n")
    (folder / "worlds" / "x\x1b[2J.yaml").write_text("id: x\n")
    (folder / ".DS_Store").write_text("x")
    told = validate_path(folder)
    assert {p.found for p in told} == {"this name, or where the link leads, cannot be used"}
    assert len(told) == 3
    assert not any("hunter2" in str(p) or "\x1b" in str(p) for p in told)


# --- a user's additions ----------------------------------------------------------------------------------------------


def test_a_users_files_add_to_a_crisis_that_ships(here: Path) -> None:
    added = here / "crises" / "korea"
    (added / "strategies").mkdir(parents=True)
    (added / "strategies" / "mine.yaml").write_text("id: mine\ntitle: Mine\nnote: Ours.\n")
    (added / "personas").mkdir()
    dossier = (PACKAGE / "personas" / "korea" / "jpn.yaml").read_text()
    (added / "personas" / "jpn.yaml").write_text(dossier.replace("name: Japan", "name: Nippon", 1))
    crisis = load_crisis("korea")
    assert {"mine", "free-play"} <= set(crisis.strategies)
    assert (crisis.personas["jpn"].name, crisis.personas["us"].name) == ("Nippon", "United States")
    assert validate_path(added / "strategies" / "mine.yaml") == []
    (added / "strategies" / "mine.yaml").write_text("id: mine\ntitle: Mine\nnote: Ours.\npolicy: {line: [nonsense]}\n")
    [problem] = validate_path(added)
    assert problem.file == "crises/korea/strategies/mine.yaml"
    assert problem.found == "line 'nonsense' does not exist"
