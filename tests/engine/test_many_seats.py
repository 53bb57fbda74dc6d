"""A crisis may have more governments than any of its rings has members."""

from __future__ import annotations

import shutil
from pathlib import Path

from roleplay.game import Options, aplay

from .pond import POND

MORE = 21


async def test_governments_that_answer_at_once_are_all_heard_however_small_the_rings(tmp_path: Path) -> None:
    crisis = tmp_path / "pond"
    shutil.copytree(POND, crisis)
    newt = (crisis / "personas" / "newt.yaml").read_text()
    more = [f"newt{n}" for n in range(MORE)]
    for seat in more:
        (crisis / "personas" / f"{seat}.yaml").write_text(newt.replace("id: newt\n", f"id: {seat}\n"))
    written = (crisis / "crisis.yaml").read_text()
    rows = "".join(f"  - {{id: {seat}, name: {seat}}}\n" for seat in more)
    (crisis / "crisis.yaml").write_text(written.replace("rings:\n", f"{rows}rings:\n", 1))
    scenario = crisis / "scenarios" / "dam.yaml"
    lines = "".join(f", {seat}: defiant" for seat in more)
    scenario.write_text(scenario.read_text().replace("newt: defiant", f"newt: defiant{lines}"))
    seats = dict.fromkeys(("heron", "otter", "newt", *more), "baseline:steady")
    run = await aplay("dam", crisis=str(crisis), seats=seats, options=Options(out=tmp_path), rounds=1)
    acted = {e.seat for e in run.events if e.kind == "turn" and e.phase == "act"}
    assert acted == set(seats)
