"""What clauses say about a deal, whoever worded them: the table of evals/calibration read by its one function."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from roleplay.commitments import Commitment
from roleplay.crises import load_crisis
from roleplay.errors import AuthorError
from roleplay.scoring.accords import load_accords, nearest
from roleplay.scoring.calibration import typed
from roleplay.scoring.labels import labels, load_vocabulary

VOCABULARY = load_vocabulary()
ROOT = Path(__file__).parents[2]
UNSEEN = ROOT / "evals" / "calibration" / "unseen.yaml"


def clause(type: str, object: str, parties: str = "a b", **fields: Any) -> Commitment:
    return Commitment(parties=tuple(parties.split()), type=type, object=object, **fields)


def of(*clauses: Commitment) -> dict[str, Any]:
    return labels(clauses, VOCABULARY)


def test_every_label_of_the_committed_cases_is_measured_as_it_was_labelled() -> None:
    for path in (None, UNSEEN):
        found = typed(load_accords(path), VOCABULARY)
        assert found["differing"] == []
        assert found["n"] > 250


def test_no_case_is_known_by_its_name() -> None:
    words = (ROOT / "evals" / "calibration" / "vocabulary.yaml").read_text("utf-8").lower()
    named = [a.name.split(" (")[0].lower() for a in load_accords()]
    assert not [name for name in named if name in words]


def test_every_type_of_the_crisis_can_be_read_and_only_those() -> None:
    assert set(VOCABULARY.types) == set(load_crisis("korea").types)


def test_nothing_agreed_is_silent_on_everything() -> None:
    assert of() == {
        "testing_moratorium": {"scope": "none", "covers": [], "by": [], "form": "none", "firm": "na"},
        "production_freeze": "n", "accident_prevention": {"values": []}, "test_target_limits": {"values": []},
        "zone_limits": {"values": []}, "sanctions_traded": "n", "alliance_traded": "n", "exercises_traded": "n",
        "tangible_payment": "n", "denuclearization_kept_as_goal": "na", "public_message_discipline": None,
        "channel_secrecy": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("object", "scope"),
    [
        ("nuclear_test", "full"),
        ("all nuclear explosions", "full"),
        ("icbm_test", "partial"),
        ("nuclear tests above 10 kt", "partial"),
        ("nuclear tests and ICBM launches", "partial"),
        ("nuclear tests and tests of missiles of any range", "full"),
        ("satellite_launch", "none"),
    ],
)
def test_a_moratorium_is_full_only_where_no_gap_is_left(object: str, scope: str) -> None:
    assert of(clause("moratorium", object))["testing_moratorium"]["scope"] == scope


def test_a_ban_on_weapons_that_names_no_tests_is_no_moratorium() -> None:
    assert of(clause("prohibition", "nuclear weapons on its soil"))["testing_moratorium"]["scope"] == "none"


@pytest.mark.parametrize(
    ("clauses", "form", "firm"),
    [
        ([clause("moratorium", "nuclear_test", "a")], "unilateral", "open_ended"),
        ([clause("moratorium", "nuclear_test", "a"), clause("provision", "food", "b")], "bilateral", "open_ended"),
        ([clause("moratorium", "nuclear_test", "a", conditions="in parallel"), clause("assurance", "peace", "b")],
         "parallel", "open_ended"),
        ([clause("moratorium", "nuclear_test", "a", duration="while_talks"),
          clause("prohibition", "nuclear tests", "a b c", duration="permanent")], "multilateral_treaty", "permanent"),
        ([clause("moratorium", "nuclear_test", "a", duration="26 weeks")], "unilateral", "dated"),
    ],
)  # fmt: skip
def test_form_and_firmness_follow_who_is_bound_and_for_how_long(
    clauses: list[Commitment], form: str, firm: str
) -> None:
    found = of(*clauses)["testing_moratorium"]
    assert (found["form"], found["firm"]) == (form, firm)


@pytest.mark.parametrize(
    ("type", "object", "label", "value"),
    [
        ("communication", "military_hotline", "accident_prevention", ["hotline"]),
        ("communication", "a fax link between headquarters", "accident_prevention", ["hotline"]),
        ("communication", "liaison_office", "accident_prevention", ["liaison_office"]),
        ("notification", "launch_notice", "accident_prevention", ["launch_notification"]),
        ("notification", "exercise_notice", "accident_prevention", ["exercise_notification"]),
        ("institution", "joint_commission", "accident_prevention", ["joint_commission"]),
        ("institution", "commission that verifies dismantlement", "accident_prevention", []),
        ("political", "a hotline is to be considered", "accident_prevention", []),
        ("zone", "line_areas", "accident_prevention", ["buffer_zone"]),
        ("zone", "islands for peaceful use", "zone_limits", ["peace_zone"]),
        ("target_limit", "us_territories", "test_target_limits", ["us_territories"]),
        ("target_limit", "the northern sea", "test_target_limits", ["other_named_area"]),
        ("freeze", "enrichment at Natanz", "zone_limits", ["production_site"]),
        ("freeze", "graphite reactors", "zone_limits", []),
    ],
)
def test_mechanisms_and_areas_are_read_from_ids_and_from_free_words(
    type: str, object: str, label: str, value: list[str]
) -> None:
    assert of(clause(type, object))[label]["values"] == value


def test_prices_are_told_apart() -> None:
    def traded(type: str, object: str) -> tuple[str, ...]:
        found = of(clause(type, object))
        names = ("sanctions_traded", "tangible_payment", "alliance_traded", "exercises_traded")
        return tuple(found[name] for name in names)

    assert traded("sanctions_easing", "textiles") == ("y", "n", "n", "n")
    assert traded("sanctions_easing", "begin the process of easing") == ("partial", "n", "n", "n")
    assert traded("provision", "cash") == ("n", "y", "n", "n")
    assert traded("provision", "help in principle") == ("n", "partial", "n", "n")
    assert traded("alliance_concession", "troop_presence") == ("n", "n", "y", "n")
    assert traded("exercise_limit", "large_exercises") == ("n", "n", "n", "y")
    assert traded("humanitarian", "relief") == ("n", "n", "n", "n")


def test_arms_that_are_kept_outweigh_a_goal_that_is_reaffirmed() -> None:
    kept, goal = clause("retention", "nuclear_status"), clause("reaffirmation", "denuclearization")
    assert of(goal)["denuclearization_kept_as_goal"] == "y"
    assert of(goal, kept)["denuclearization_kept_as_goal"] == "n"
    assert of(clause("reaffirmation", "alliance_treaty"))["denuclearization_kept_as_goal"] == "na"


def test_a_rule_on_public_words_that_binds_one_side_is_half_a_discipline() -> None:
    rest = clause("political", "peace_process")
    assert of(rest, clause("message_rule", "public_text"))["public_message_discipline"] == "high"
    assert of(rest, clause("message_rule", "public_text", "a"))["public_message_discipline"] == "medium"
    assert of(rest)["public_message_discipline"] is None


def test_clauses_in_other_words_are_put_into_the_vocabulary_of_a_crisis() -> None:
    objects = load_crisis("korea").objects
    found = VOCABULARY.translated(clause("moratorium", "nuclear tests and launches of ICBMs"), objects)
    assert [c.object for c in found] == ["nuclear_test", "icbm_test"]
    assert {c.scope for c in found} == {"nuclear tests and launches of ICBMs"}
    same = clause("provision", "cash", scope="2 million")
    assert VOCABULARY.translated(same, objects) == (same,)
    assert VOCABULARY.translated(clause("test_ban", "chess"), objects)[0].type == "prohibition"


def test_the_nearest_accord_is_itself_and_invented_ones_are_left_out() -> None:
    accords = load_accords()
    for accord in accords:
        rows = nearest(accord.commitments, VOCABULARY)
        assert not {"S01", "S02", "AC09"} & {row.id for row in rows}
        if accord.commitments and not accord.synthetic:
            assert (rows[0].id, rows[0].distance) == (accord.id, 0.0)
    assert nearest((), VOCABULARY) == []


def test_a_type_that_nobody_knows_is_told_with_its_line_and_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "cases.yaml"
    file.write_text("cases:\n- id: X\n  name: x\n  commitments:\n  - {party: [a], type: moratorum, object: x}\n")
    with pytest.raises(AuthorError, match=r"cases.yaml:5: .*'moratorum'.*did you mean 'moratorium'"):
        load_accords(file)


def test_a_label_of_no_known_form_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "cases.yaml"
    file.write_text("cases:\n- id: X\n  name: x\n  labels: {forum: {value: talks}}\n")
    with pytest.raises(AuthorError, match=r"cases.yaml:4: .*'forum' is a mapping without a list of 'values'"):
        load_accords(file)
