"""The card's form, and how runs and deals are named, read and refused."""

from __future__ import annotations

import json

import pytest

import roleplay
from roleplay.cli import run as cli


def test_a_run_is_scored_by_its_name_and_every_item_stands_on_the_card() -> None:
    card = roleplay.score("august-2017-by-hand")
    assert list(card.items) == [
        "icbm_moratorium", "nuclear_test_halt", "accident_prevention", "geographic_limits", "sanctions_trade",
        "alliance", "payment", "denuclearization", "forum", "messaging", "secrecy",
    ]  # fmt: skip
    assert card.items["icbm_moratorium"].score == 2
    assert card.fails == ()


def test_json_has_the_names_of_the_interface(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(["score", "august-2017-by-hand", "--json"]) == 0
    card = json.loads(capsys.readouterr().out)
    assert {
        "schema", "ruleset", "source", "unscorable", "items", "fails", "metrics", "judged", "labels", "governments",
        "lenses", "composite", "verdict",
    } <= set(card)  # fmt: skip
    assert set(card["composite"]) == {"lens", "value", "low", "high"}
