"""Suites as data: what is read, what is refused and where, and which games come of it."""

from __future__ import annotations

import pytest

from roleplay.crises import load_scenario, variant, variant_count
from roleplay.errors import AuthorError, UsageError
from roleplay.experiments.matrix import lay_out, spread
from roleplay.experiments.suites import find_suites, load_suite
from tests.experiments.pond import SUITE, suite


@pytest.mark.parametrize("name", sorted(find_suites()))
def test_a_suite_that_ships_can_be_laid_out(name: str) -> None:
    matrix = lay_out(load_suite(name), {"model": "some-model", "base_url": "http://127.0.0.1:1/v1"})
    assert len(set(matrix.games)) == len(matrix.games)
    assert matrix.arms[-1].reference


def problem(**changed: str) -> str:
    with pytest.raises(AuthorError) as caught:
        suite(**changed)
    return str(caught.value)


def test_problems_name_file_and_line_what_was_found_and_what_is_allowed() -> None:
    said = problem(control="plian")
    assert "pond.yaml:11: control: level 'plian' does not exist; allowed: plain, hawkish" in said
    assert "did you mean 'plain'?" in said


def test_an_unknown_factor_setting_is_told_with_those_that_exist() -> None:
    assert "unknown key 'temprature'" in problem(base="{temprature: 1}")


def test_several_problems_are_told_at_once() -> None:
    said = problem(control="x", primary="y", planned="[z]")
    assert said.count("does not exist") == 3


def test_a_seed_list_with_repeats_is_no_larger_sample() -> None:
    assert "seeds: 1 stands twice" in problem(seeds="[1, 1, 2]")


def test_variants_and_seeds_are_not_settings_of_an_arm() -> None:
    assert "variants and seeds are the suite's own" in problem(base="{seed: 3}")


def test_an_outcome_has_one_source() -> None:
    with pytest.raises(AuthorError, match="give one of"):
        suite(SUITE.replace("{of: composite,", "{of: composite, count: {kind: move},"))


def test_a_gate_on_an_outcome_that_no_game_has_is_told() -> None:
    assert "outcome 'scoer' does not exist" in problem(gates="['scoer.lower >= 3']")
    assert "cannot be read" in problem(gates="['score >> 3']")


def refused(text: str = SUITE, **changed: str) -> str:
    """What is told when a suite that can be read is laid out."""
    with pytest.raises(AuthorError) as caught:
        lay_out(suite(text, **changed))
    return str(caught.value)


def test_variants_beyond_the_scenarios_are_refused() -> None:
    assert "pond.yaml:5: variants: 6; allowed: dam has 6, 0 to 5" in refused(variants="[0, 6]")
    assert "pond.yaml:5: variants: 7; allowed: dam has 6" in refused(variants="7")


CAREFUL = SUITE.replace("hawkish: {seats: {heron: baseline:hawk}}", "careful: {strategies: {heron: careful}}")


def test_a_strategy_without_a_policy_half_is_refused_on_a_seat_that_decides_by_policy() -> None:
    words = "arm 'careful': heron is played by baseline:steady; strategy 'careful' has no policy half"
    assert f"pond.yaml:10: factors.play.careful: {words}" in refused(CAREFUL)


def test_an_unknown_scenario_is_told_with_its_line() -> None:
    assert "pond.yaml:4: scenario: scenario 'damm' does not exist" in refused(scenario="damm")


def test_every_arm_that_cannot_be_set_up_is_told() -> None:
    text = SUITE.replace("plain: {}", "plain: {strategies: {heron: brave}}").replace("baseline:hawk", "baseline:hawck")
    said = refused(text)
    assert "pond.yaml:9: factors.play.plain: arm 'plain': strategy 'brave' does not exist" in said
    assert "pond.yaml:10: factors.play.hawkish: arm 'hawkish': baseline 'hawck' does not exist" in said


@pytest.mark.parametrize("part", ["compare", "exclude", "include"])
def test_an_unknown_factor_is_told_with_those_that_exist(part: str) -> None:
    said = problem(**{part: "plya" if part == "compare" else "[{plya: plain}]"})
    assert "factor 'plya' does not exist; allowed: play; did you mean 'play'?" in said


def test_an_unknown_rubric_is_told_with_its_line() -> None:
    assert "pond.yaml:17: rubrics.0: rubric 'thraet' does not exist" in problem(rubrics="[thraet]")


IMPOSSIBLE = {
    "metrc:kahn <= 3": "figure 'metrc' does not exist; allowed: composite, lens, item, metric",
    "metric:khan <= 3": "metric 'khan' does not exist",
    "metric:key_moments == 0": "metric 'key_moments' does not exist",
    "run:cals <= 3": "run 'cals' does not exist; allowed: rounds, calls",
    "government:toad:interests >= 1": "government 'toad' does not exist; allowed: heron, otter, newt",
    "government:newt:wealth >= 1": "figure of a government 'wealth' does not exist; allowed: interests",
    "judged:threat >= 1": "nobody judges; name a model under 'judges'",
    "metric:kahn.lower >= 3": "only outcomes are compared; allowed: score, moves; make it one: 'of: metric:kahn'",
}


@pytest.mark.parametrize(("gate", "words"), IMPOSSIBLE.items())
def test_a_gate_on_a_number_that_no_game_has_is_refused(gate: str, words: str) -> None:
    said = refused(gates=f"['score >= 0', '{gate}']")
    assert said.startswith("pond.yaml:17: gates.1: ")
    assert words in said


def test_a_gate_on_an_interval_that_there_cannot_be_is_refused() -> None:
    assert "1 variant(s) give no interval; allowed: 2 or more" in refused(variants="[0]", gates="[primary.lower >= 1]")
    rates = SUITE.replace("{of: composite, low: 0, high: 100}", "{of: 'run:blocked', scale: binary}")
    assert "allowed: 10 or more variants" in refused(rates, gates="[primary.lower >= 0]")
    assert "nothing is compared with plain" in refused(planned="[]", gates="[primary.difference >= 0]")


def test_what_the_mode_makes_impossible_is_refused_and_other_modes_have_it() -> None:
    observed = SUITE.replace("{rounds: 1,", "{rounds: 1, mode: observe,")
    gate = "['run:blocked == 0']"
    assert "mode observe blocks nothing" in refused(observed, gates=gate)
    counted = SUITE.replace("{kind: move, seat: heron}", "{kind: ruling, verdict: blocked}")
    assert "mode observe blocks nothing" in refused(counted.replace("{rounds: 1,", "{rounds: 1, mode: observe,"))
    assert lay_out(suite(gates=gate))
    assert lay_out(suite(counted))


GIVEN = "{kind: deal, type: alliance_concession, giver: us}"


def test_what_a_rule_keeps_from_coming_about_is_nothing_to_gate_on() -> None:
    text = TALKS.replace("PATTERN", GIVEN).replace("rounds: 1", "rounds: 1, mode: MODE")
    for mode in ("prevent", "block"):
        said = refused(text.replace("MODE", mode))
        assert "pond.yaml:9: outcomes.n.count: rule T2 lets no text come about in which us gives this" in said
        assert "only mode observe lets it through; count its rulings instead" in said
    assert lay_out(suite(text.replace("MODE", "observe")))


def test_a_rule_that_does_not_bind_a_seat_gives_it_nothing_to_try() -> None:
    text = TALKS.replace("PATTERN", "{kind: ruling, rule: T2, seat: dprk}")
    said = refused(text, gates="['metric:rule_attempts:T2:dprk:attempts == 0']")
    assert said.count("'T2' does not bind dprk; allowed: us") == 2


def test_a_pattern_that_no_event_of_these_games_can_match_is_refused() -> None:
    text = TALKS.replace("PATTERN", "{kind: move, seat: jpn}")
    assert "outcomes.n.count.seat: jpn plays in no arm; allowed: us, dprk" in refused(text)
    text = TALKS.replace("PATTERN", "{kind: turn, ring: six-party}")
    assert "outcomes.n.count.ring: no arm has six-party" in refused(text)
    text = TALKS.replace("PATTERN", "{instrument: limited_strike}")
    assert "no seat is offered limited_strike; uses of force need 'force: true'" in refused(text)
    assert lay_out(suite(text.replace("rounds: 1", "rounds: 1, force: true")))


def test_a_government_that_only_some_variants_leave_out_may_be_counted() -> None:
    scenario = load_scenario("mid-september-2017")[1]
    without = next(n for n in range(variant_count(scenario)) if "rus" not in variant(scenario, n).seats)
    text = TALKS.replace("PATTERN", "{kind: move, seat: rus}").replace("back-channel", "mid-september-2017")
    assert lay_out(suite(text, variants=f"[{without}, 0]"))


TALKS = """
id: talks
title: Talks
question: Is anything ever counted?
scenario: back-channel
variants: [0]
base: {rounds: 1, seats: {us: baseline:steady, dprk: baseline:defiant}}
factors: {play: {plain: {}, hawkish: {seats: {us: baseline:hawk}}}}
control: plain
outcomes: {n: {count: PATTERN}}
primary: n
smallest_effect: 1
"""


def test_what_a_suite_cannot_tell_is_said_before_it_is_played() -> None:
    assert lay_out(suite(variants="6")).cautions == []
    (one,) = lay_out(suite(variants="[0]")).cautions
    assert one == "pond.yaml:5: variants: one game an arm: no mean gets an interval; plan more variants"
    few, seeds = lay_out(suite(seeds="[1, 2, 3]")).cautions
    assert "2 variants: these scenarios only, no p value is given" in few
    assert "3 games a variant, 2 variants; variants buy power, seeds do not" in seeds


def test_the_same_strategy_is_welcome_where_a_model_decides() -> None:
    matrix = lay_out(suite(CAREFUL.replace("heron: baseline:steady", "heron: model")), {"model": "m"})
    assert not matrix.tests_harness
    assert {game.model for game in matrix.games} == {"m", ""}


def test_factors_are_crossed_excluded_and_included_again() -> None:
    text = SUITE.replace("control:", "  world:\n    article: {world: article}\n    'null': {world: 'null'}\ncontrol:")
    names = [arm.name for arm in lay_out(suite(text)).arms]
    assert names == ["plain.article", "plain.null", "hawkish.article", "hawkish.null", "floor"]
    fewer = suite(text, exclude="[{world: 'null'}]", include="[{play: plain, world: 'null'}]")
    assert [arm.name for arm in lay_out(fewer).arms] == ["plain.article", "hawkish.article", "plain.null", "floor"]


def test_floor_and_ceiling_are_in_every_batch_where_a_script_was_written() -> None:
    matrix = lay_out(load_suite("smoke"))
    by_name = {arm.name: arm for arm in matrix.arms}
    assert set(by_name["floor"].settings["seats"].values()) == {"baseline:random-legal"}
    assert set(by_name["ceiling"].settings["seats"].values()) == {"script:august-2017-by-hand"}
    assert (by_name["ceiling"].variants, by_name["ceiling"].settings["rounds"]) == ((0,), 6)
    assert [arm.name for arm in lay_out(suite()).arms] == ["plain", "hawkish", "floor"]


def test_more_variants_only_add_to_fewer_and_are_spread() -> None:
    assert spread(5, 48) == spread(12, 48)[:5]
    assert sorted(spread(48, 48)) == list(range(48))
    assert len({v // 12 for v in spread(8, 48)}) == 4


def test_an_unknown_suite_is_told_with_those_that_exist() -> None:
    with pytest.raises(UsageError, match="did you mean 'smoke'"):
        load_suite("smok")


def test_outcomes_name_what_their_crisis_has() -> None:
    said = refused(SUITE.replace("seat: heron}", "seat: heorn}").replace("{of: composite,", "{of: 'metric:goldstine',"))
    assert "pond.yaml:13: outcomes.score.of: metric 'goldstine' does not exist" in said
    assert "pond.yaml:14: outcomes.moves.count.seat.0: seat 'heorn' does not exist" in said
