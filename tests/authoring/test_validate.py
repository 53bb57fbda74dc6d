"""Bad input: whatever is wrong in a crisis is told at once, in one list, each with its file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from roleplay.authoring.starting import start
from roleplay.cli import run as command
from roleplay.crises.validation import validate_path
from roleplay.resources import PACKAGE
from roleplay.seats.profiles import profiles


@pytest.fixture
def strait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    start("crisis", "strait")
    return Path("crises") / "strait"


WRONG = [
    # file, what stands there, what is written instead, what is told
    ("crisis.yaml", "members: [north, south, isles]", "members: [north, north]", "seat 'north' stands twice"),
    ("crisis.yaml", "    confidentiality: confidential\n    kind: own", "    confidentiality: public\n    kind: own",
     "public, and a government's own room"),
    ("crisis.yaml", "  - {id: south, name: Southland}", "  - {id: north, name: Southland}", "id 'north' stands twice"),
    ("instruments.yaml", 'codes: {cameo: "039", goldstein: 5.0, rivera: de-escalation, src: [CAMEO]}', "codes: {}",
     "'send_mediator' has no codes"),
    ("worlds/plain.yaml", "{indicator: incident_risk, by: 4}", "{indicator: incident_rsik, by: 4}",
     "indicator 'incident_rsik' does not exist"),
    ("scenarios/strait-opening.yaml", "on: 2030-05-28", "on: 2030-07-28", "2030-07-28 is outside the game"),
    ("scenarios/strait-opening.yaml", "move: {herring: -10}", "move: {herring: -30}", "moved to 2030-04-20 is outside"),
    ("scenarios/strait-opening.yaml", "isles: dove", "isles: dov", "baseline 'dov' does not exist"),
    ("scenarios/strait-opening.yaml", "open_rings: [foreign-ministries,", "open_rings: [ministries,",
     "room of this scenario 'ministries' does not exist"),
    ("personas/north.yaml", "object: patrols, value: -1.4", "object: patrol, value: -1.4",
     "object 'patrol' does not exist"),
    ("sources.yaml", "status: own}", "status: mine}", "'mine'"),
]  # fmt: skip


def test_everything_that_is_wrong_is_told_at_once_with_file_and_line(strait: Path, capsys: Any) -> None:
    for file, old, new, _ in WRONG:
        text = (strait / file).read_text()
        assert old in text, (file, old)
        (strait / file).write_text(text.replace(old, new, 1))
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(f"{c}: &{c} [*a, *a, *a]\n" for c in "bcdefgh")
    (strait / "worlds" / "bomb.yaml").write_text(bomb)
    (strait / "scenarios" / "a $(touch b).yaml").write_text("id: x\n")
    assert command(["validate", str(strait), "--json"]) == 3
    data = json.loads(capsys.readouterr().out)
    assert data["ok"] is False
    told = {(row["file"], row["found"]) for row in data["problems"]}
    for file, _, _, found in WRONG:
        assert any(f == f"{strait}/{file}" and found in text for f, text in told), (file, found, told)
    assert ((f"{strait}/worlds/bomb.yaml", "anchor '&a'")) in told
    assert any("a $(touch b).yaml" in f and "cannot be used" in text for f, text in told)
    assert all(row["line"] for row in data["problems"] if "touch" not in row["file"])


def test_the_list_is_readable_and_goes_to_standard_output(strait: Path, capsys: Any) -> None:
    path = strait / "instruments.yaml"
    path.write_text(path.read_text().replace("family: diplomacy", "family: Diplomacy"))
    assert command(["validate", str(strait)]) == 3
    out, err = capsys.readouterr()
    assert out.startswith(f"{path}:61: instruments.5.family: 'Diplomacy'; ")
    assert out.count("\n") == 1
    assert err == ""


@pytest.mark.parametrize("arguments", [["run", "strait-opening"], ["describe", "scenario", "strait-opening"]])
def test_a_variant_out_of_range_is_told_with_the_range(strait: Path, capsys: Any, arguments: list[str]) -> None:
    assert command([*arguments, "--variant", "6"]) == 2
    assert "strait-opening has variants 0 to 5" in capsys.readouterr().err


def test_suites_are_validated_too(strait: Path, capsys: Any) -> None:
    path = start("suite", "mine")
    assert command(["validate", str(path)]) == 0
    path.write_text(path.read_text().replace("variants: 6", "variants: 9999"))
    assert command(["validate", str(path), "--json"]) == 3
    out = capsys.readouterr().out
    assert json.loads(out[out.index("{") :])["problems"][0]["line"] == 6


@pytest.mark.parametrize("name", ["korea", "kittiwake"])
def test_what_ships_is_valid(name: str) -> None:
    assert validate_path(PACKAGE / "crises" / name, profiles()) == []
