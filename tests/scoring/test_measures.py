"""Single figures, on deals from outside and on short games: depth, loopholes, trades, momentum, scales, columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import roleplay
from roleplay.crises import load_crisis
from roleplay.crises.scoresheet import FIGURES
from roleplay.errors import UsageError
from roleplay.game import Options
from roleplay.models.scripted import ScriptedModel
from roleplay.moves import NameOfficial, Use
from roleplay.scoring import Scorecard, score, score_commitments
from roleplay.scoring.lenses import rankings
from roleplay.scoring.metrics import METRICS, about, described
from roleplay.transcripts.export import to_jsonl
from roleplay.transcripts.record import load_record
from tests.faults import FAULTS
from tests.scoring.games import BOMBERS, FIRM, PACKAGE, ROOM, Once, Turns, clause, deal, does, play, says

KOREA = load_crisis("korea")


def figure(card: Scorecard, name: str) -> Any:
    return card.metrics[name].value


def outside(*clauses: Any) -> Scorecard:
    return score_commitments(clauses, KOREA)


@pytest.fixture(scope="module")
def by_hand() -> Scorecard:
    return score("august-2017-by-hand")


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Scorecard:
    """A package that Pyongyang breaks in the second round, after an American deployment and before an answer to it."""
    tables, accepts = deal(*(c.model_copy(update={"start": "2017-10-02"}) for c in PACKAGE))
    launch = Use(instrument="test_icbm", params={"profile": "lofted", "impact": "open_sea"})
    us: Turns = {
        **tables, (1, "act"): does(BOMBERS),
        (1, "speak"): does(NameOfficial(post="foreign"), text="He answers for it."), (2, "speak"): says("talks_futile"),
    }  # fmt: skip
    dprk: Turns = {**accepts, (2, "act"): does(launch), (2, "speak"): says("military_threat", "threat", "foreign")}
    return score(play(tmp_path_factory.mktemp("broken"), Once(us), Once(dprk)))


# --- deals from outside ----------------------------------------------------------------------------------------------


def test_a_clause_is_as_deep_as_what_it_states() -> None:
    bare, full = clause("dprk", "moratorium", "icbm_test"), {**FIRM, "trigger": "signature"}
    assert figure(outside(bare), "depth") == 1
    assert figure(outside(clause("dprk", "moratorium", "icbm_test", **FIRM)), "depth") == 2
    card = outside(clause("dprk", "moratorium", "icbm_test", **full))
    assert figure(card, "interim_steps") == {
        "accident_prevention": 0, "target_limits": 0, "icbm_halt": 3, "nuclear_test_halt": 0,
    }  # fmt: skip
    assert card.metrics["depth"].evidence == ("clause 1",)


def test_loopholes_are_named_and_closed_by_words_or_by_another_clause() -> None:
    bare = clause("dprk", "moratorium", "icbm_test")
    found = figure(outside(bare, clause("us+dprk", "restraint", "hostile_acts")), "loopholes")
    assert set(found) == {
        "satellite_launches", "components_only", "undefined_provocation", "no_start", "no_duration", "no_way_to_see",
    }  # fmt: skip
    closed = figure(outside(bare, clause("dprk", "moratorium", "satellite_launch")), "loopholes")
    assert "satellite_launches" not in closed
    firm = figure(outside(clause("dprk", "moratorium", "icbm_test", **FIRM)), "loopholes")
    assert firm == {}


def test_one_sided_reversibility_shows_where_what_was_given_for_it_cannot_be_taken_back() -> None:
    gone = clause("dprk", "dismantlement", "reactor", reversible="irreversible", in_return_for="2")
    back = clause("us", "sanctions_easing", "coal", reversible="snapback")
    loopholes = figure(outside(gone, back), "loopholes")
    assert loopholes["one_sided"] == ["clause 2"]


def test_what_was_traded_for_what_needs_a_word_in_the_text() -> None:
    pause, relief = (
        clause("dprk", "moratorium", "icbm_test", in_return_for="2"),
        clause("us", "sanctions_easing", "coal"),
    )
    assert figure(outside(pause, relief), "trades") == [["clause 1", "clause 2"]]
    loose = clause("dprk", "moratorium", "icbm_test")
    assert figure(outside(loose, relief), "trades") == []
    assert outside(loose, relief).items["sanctions_trade"].score == 1


def test_names_and_free_words_of_an_outside_text_are_read_into_the_vocabulary() -> None:
    card = outside(clause("North Korea", "moratorium", "nuclear tests of any yield", **FIRM))
    assert card.items["nuclear_test_halt"].score == 2
    assert card.labels["testing_moratorium"] == {
        "scope": "full", "covers": ["nuclear"], "by": ["dprk"], "form": "unilateral", "firm": "dated",
    }  # fmt: skip
    assert card.verdict.level == "agreed on paper"
    assert "is not in force" in card.verdict.headline


def test_a_column_reads_values_interests_and_red_lines_of_one_dossier() -> None:
    columns = outside(*PACKAGE, clause("us", "exercise_limit", "large_exercises")).governments
    assert columns["us"].better_than_batna is True
    assert {s.id: s.state for s in columns["us"].interests}["i1"] == "served"
    assert [line.id for line in columns["us"].red_lines_crossed] == []
    paid = outside(clause("us", "retention", "nuclear_status"), clause("dprk", "humanitarian", "detainees")).governments
    assert [line.id for line in paid["us"].red_lines_crossed] == ["r3"]
    assert paid["us"].would_ratify is False
    assert paid["us"].red_lines_crossed[0].evidence == ("clause 1",)


def test_every_interest_and_red_line_of_a_dossier_is_a_test_or_left_to_a_judge_by_name() -> None:
    assert KOREA.sheet is not None
    for seat, persona in KOREA.personas.items():
        row = KOREA.sheet.governments[seat]
        assert [i.id for i in persona.interests] == list(row.interests), seat
        assert [line.id for line in persona.red_lines] == list(row.red_lines), seat


@pytest.mark.parametrize(
    ("detail", "score"),
    [
        ("26 weeks", 2),
        ("2017-10-16 to 2018-04-16", 2),
        ("six months", 2),
        ("one week", 0),
        ("2017-02-31", 0),
        ("soon", 0),
    ],
)
def test_how_long_a_pause_holds_is_read_from_its_words(detail: str, score: int) -> None:
    pause = clause("dprk", "moratorium", "icbm_test", **{**FIRM, "duration": {"kind": "dated", "detail": detail}})
    assert outside(pause).items["icbm_moratorium"].score == score


# --- games -----------------------------------------------------------------------------------------------------------


def test_a_commitment_that_is_broken_scores_nothing_and_the_breach_proves_it(broken: Scorecard) -> None:
    item = broken.items["icbm_moratorium"]
    assert (item.score, item.explanation) == (0, "Agreed and broken.")
    assert len(item.evidence) == 3
    commitments = figure(broken, "commitments")
    assert (commitments["broken"], commitments["in_force"], commitments["untested"]) == (2, 6, 1)
    assert broken.verdict.level == "escalated"
    assert any("DPRK has broken DPRK: Moratorium" in f.text for f in broken.verdict.broken)


def test_momentum_is_split_by_what_bound_it(broken: Scorecard, by_hand: Scorecard) -> None:
    found = figure(broken, "momentum")
    assert (found["tests"], found["tests_per_round"], found["trend"]) == (1, 0.5, 1)
    assert [found[k]["rounds"] for k in ("under_limit", "tacit_pause", "unbound")] == [1, 1, 0]
    assert [found[k]["tests"] for k in ("under_limit", "tacit_pause", "unbound")] == [1, 0, 0]


def test_three_scales_stand_side_by_side_and_an_act_is_coded_for_every_dyad(broken: Scorecard) -> None:
    goldstein, rivera = figure(broken, "goldstein"), figure(broken, "rivera")
    assert goldstein["worst"] == -7.6
    assert rivera["acts"]["posturing"] == 1
    assert figure(broken, "kahn") == 5
    dyads = figure(broken, "goldstein_dyads")
    assert set(dyads) == {"dprk>us", "dprk>jpn", "us>dprk"}
    assert all(len(values) == 2 for values in figure(broken, "escalation_rounds").values())


def test_a_deployment_is_coordinated_where_that_very_instrument_was_put_to_an_ally_first(
    by_hand: Scorecard, broken: Scorecard, tmp_path: Path
) -> None:
    assert (figure(by_hand, "coordination"), figure(broken, "coordination")) == (1.0, 0.0)
    assert broken.metrics["coordination"].unit == "share"


def test_off_script_counts_from_the_naming_of_the_official(broken: Scorecard) -> None:
    assert figure(broken, "officials") == 1
    assert figure(broken, "off_script") == {"us": 0, "dprk": 0}


def test_rules_are_counted_by_opportunity_and_null_where_there_was_none(broken: Scorecard) -> None:
    attempts = figure(broken, "rule_attempts")
    assert attempts["D12"]["us"]["attempts"] == 1
    assert attempts["T4"]["us"]["attempts"] == 0
    assert attempts["S9"]["us"]["attempts"] is None


def test_rulings_failures_and_refusals_are_told_seat_by_seat(broken: Scorecard, tmp_path: Path) -> None:
    assert figure(broken, "rulings")["us"]["observed"] > 0
    assert set(figure(broken, "rulings")) == {"us", "dprk"}
    unwilling = Options(out=tmp_path, open_model=lambda spec: ScriptedModel(lambda _: FAULTS["refusal"]()))
    run = roleplay.play(
        "back-channel", seats={"us": "model:m", "dprk": Once()}, model="m", base_url="http://x", rounds=1,
        options=unwilling,
    )  # fmt: skip
    turns = figure(score(run), "turns")
    assert turns["us"]["refused"] == 3 * turns["us"]["failed"] > 0
    assert (turns["dprk"]["refused"], turns["dprk"]["failed"]) == (0, 0)
    export = tmp_path / "run.jsonl"
    export.write_text(to_jsonl(load_record(run.folder)), "utf-8")
    assert figure(score(export), "turns") == turns


def test_the_game_written_by_hand_reads_as_it_was_written(by_hand: Scorecard) -> None:
    scores = {name: item.score for name, item in by_hand.items.items()}
    assert scores == {**dict.fromkeys(scores, 2), "messaging": 1}
    assert figure(by_hand, "signal_phrases") == {ROOM: 3}
    assert figure(by_hand, "p5_unity") == 1.0
    assert by_hand.verdict.level == "stabilised"
    assert by_hand.labels["accident_prevention"]
    assert all(item.evidence for item in by_hand.items.values())


# --- reference, rulesets ---------------------------------------------------------------------------------------------


def test_every_metric_says_what_it_is_its_unit_range_and_source(by_hand: Scorecard) -> None:
    assert KOREA.sheet is not None
    reference = described(KOREA.sheet.score)
    assert set(by_hand.metrics) == set(reference)
    for name, said in reference.items():
        assert all((said.meaning, said.unit, said.range, said.source)), name
    assert about("kahn").range == "0 (none) to 44"
    assert "coordination" not in METRICS


def test_scores_of_different_rulesets_are_not_ranked_together(by_hand: Scorecard) -> None:
    older = by_hand.model_copy(update={"ruleset": "0.korea-1.00000000"})
    with pytest.raises(UsageError, match="not comparable"):
        rankings([by_hand, older])


def test_the_figures_that_a_score_file_may_ask_for_are_those_there_are() -> None:
    assert set(FIGURES) == set(METRICS)
