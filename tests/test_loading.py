"""Author files are data: nothing expands, every problem has its line, no name leaves its folder."""

from __future__ import annotations

import contextlib
import random
import string
from pathlib import Path
from typing import Annotated, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from roleplay.errors import AuthorError, Problem, UsageError
from roleplay.loading import (
    MAX_BYTES,
    MAX_DEPTH,
    collecting,
    load_document,
    load_model,
    parse_document,
    validate,
    validate_most,
)
from roleplay.resources import check_name, find_resources, inside, meant


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Say(Frozen):
    kind: Literal["say"] = "say"
    text: str


class Hold(Frozen):
    kind: Literal["hold"] = "hold"
    rounds: int


class Plan(Frozen):
    name: str
    tone: Literal["calm", "firm", "threat"] = "calm"
    steps: tuple[Annotated[Say | Hold, Field(discriminator="kind")], ...] = ()
    goals: Annotated[tuple[Literal["peace", "time"], ...], Field(min_length=1)] = ("peace",)
    weights: dict[str, Annotated[float, Field(le=1)]] = {}
    parent: Say | None = None


def problems(text: str | bytes, model: type[BaseModel] = Plan) -> list[Problem]:
    raw = text.encode() if isinstance(text, str) else text
    with pytest.raises(AuthorError) as caught:
        validate(parse_document(raw, "plan.yaml"), model)
    return caught.value.problems


def data(text: str) -> object:
    return parse_document(text.encode(), "x.yaml").data


# --- reading ---------------------------------------------------------------------------------------------------------


def test_a_good_file_becomes_its_model(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("name: first\ntone: firm\nsteps:\n  - {kind: say, text: hello}\n  - {kind: hold, rounds: 2}\n")
    assert load_model(path, Plan) == Plan(name="first", tone="firm", steps=(Say(text="hello"), Hold(rounds=2)))


def test_words_stay_words_and_numbers_become_numbers() -> None:
    text = "{no: no, on: on, day: 2017-08-23, time: 12:30, one: 1, half: .5, big: 1e3, yes: true, none: ~, quoted: '1'}"
    assert data(text) == {
        "no": "no", "on": "on", "day": "2017-08-23", "time": "12:30", "one": 1, "half": 0.5, "big": 1000.0,
        "yes": True, "none": None, "quoted": "1",
    }  # fmt: skip


def test_an_empty_file_has_no_data_and_no_lines() -> None:
    empty = parse_document(b"# nothing here\n", "x.yaml")
    assert (empty.data, empty.line(("a",))) == (None, None)


def test_a_document_knows_the_line_of_every_node_and_of_the_nearest_one_above() -> None:
    document = parse_document(b"# head\nname: x\nsteps:\n  - kind: say\n    text: >-\n      long\n", "x.yaml")
    assert [document.line(p) for p in [(), ("name",), ("steps", 0), ("steps", 0, "text")]] == [2, 2, 4, 5]
    assert document.line(("steps", 0, "missing")) == 4
    problem = document.problem(("steps", 0, "text"), "'long'", ["short", "none"], "write less")
    assert str(problem) == "x.yaml:5: steps.0.text: 'long'; allowed: short, none; write less"


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("a: 1\nb: &x 2\n", 2, "anchor '&x'"),
        ("a: 1\nb: [1, *x]\n", 2, "alias '*x'"),
        ("a: 1\n\na: 2\n", 3, "key 'a' stands twice"),
        ("a: 1\n'a': 2\n", 2, "key 'a' stands twice"),
        ("a: !!python/name:os.system x\n", 1, "tag 'tag:yaml.org,2002:python/name:os.system'"),
        ("a: ! x\n", 1, "tag '!'"),
        ("a: 1\n---\nb: 2\n", 2, "a second document begins here"),
        ("? [a, b]\n: 1\n", 1, "a key that is not a word"),
        ('a: 1\nb: "\\u202e"\n', 2, "hidden character U+202E"),
        ("a: 1\nb: \u202e\n", 2, "hidden character U+202E"),
        ("a: 1\nb: \x00\n", 2, "hidden character U+0000"),
        ("a: .inf\n", 1, "'.inf'"),
        ("a: 1e999\n", 1, "'1e999'"),
        ("a: nan\n", 1, "'nan'"),
        ("a: 1\n\tb: 2\n", 2, "is not YAML: found a tab character that violates indentation"),
        (b"a: 1\nb: \xff\n", 2, "byte 0xff is not UTF-8"),
        ("a: b\n".encode("utf-16"), 1, "byte 0xff is not UTF-8"),
        (b"a" * (MAX_BYTES + 1), None, "is too large"),
    ],
)
def test_what_is_more_than_plain_data_is_refused_with_its_line(text: str | bytes, line: int | None, found: str) -> None:
    first = problems(text)[0]
    assert (first.line, first.found) == (line, found)


def test_a_byte_order_mark_and_crlf_are_no_problem() -> None:
    document = parse_document(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", "x.yaml")
    assert (document.data, document.line(("b",))) == ({"a": 1, "b": 2}, 2)


def test_nesting_is_allowed_up_to_the_limit_and_no_further() -> None:
    assert data("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert problems("[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2))[0].found == "is nested too deeply"


def test_everything_refused_in_a_file_is_told_at_once() -> None:
    found = [(p.line, p.found) for p in problems("a: &x 1\nb: *x\nc: !t 2\na: 3\n")]
    assert found == [(1, "anchor '&x'"), (2, "alias '*x'"), (3, "tag '!t'"), (4, "key 'a' stands twice")]


def test_a_missing_file_and_a_folder_are_author_errors(tmp_path: Path) -> None:
    for path, found in [(tmp_path / "none.yaml", "cannot be read: No such file"), (tmp_path, "is not a file")]:
        with pytest.raises(AuthorError, match=found):
            load_document(path)


def bombs(draw: random.Random) -> list[bytes]:
    """300 files that would grow, recurse or run: laughing lists, nests, floods of anchors, keys, entries and bytes."""

    def laugh(n: int) -> bytes:
        lines = ["a0: &a0 [" + ", ".join(["lol"] * n) + "]"]
        lines += [f"a{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * n) + "]" for i in range(1, n)]
        return "\n".join(lines).encode()

    def size() -> int:
        return draw.randint(2_000, 60_000)

    makers = [
        lambda: laugh(draw.randint(5, 12)),
        lambda: b"a: &a [*a, *a]\n" * draw.randint(1, 5),
        lambda: b"[" * size(),
        lambda: b"{a: " * size(),
        lambda: b"- " * size(),
        lambda: b"a: &a 1\nb: {<<: *a}\n" + b"".join(b"c%d: *a\n" % i for i in range(draw.randint(1, 500))),
        lambda: b"k: 1\n" * size(),
        lambda: b"- !!python/object/apply:os.system [id]\n" * draw.randint(1, 500),
        lambda: b"- &x 1\n" * size(),
        lambda: b"- x\n" * size(),
        lambda: b"a: " + b"x" * (MAX_BYTES + draw.randint(0, 1_000)),
        lambda: b"---\na: 1\n" * size(),
        lambda: b"? " * size(),
        lambda: b"a: \x00" + b"y" * size(),
    ]
    return [makers[n % len(makers)]() for n in range(300)]


def test_300_bombs_are_refused() -> None:
    files = bombs(random.Random(7))
    parse_document(b"a: 1", "warm.yaml")
    passed = []
    for n, raw in enumerate(files):
        try:
            parse_document(raw, f"bomb-{n}.yaml")
            passed.append(raw[:60])
        except AuthorError:
            continue
    assert passed == []


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(alphabet="ab:-[]{}&*!?|>'\"#%@, \n\t", max_size=80).map(str.encode)))
def test_any_bytes_are_data_or_an_author_error(raw: bytes) -> None:
    with contextlib.suppress(AuthorError):
        parse_document(raw, "x.yaml")


# --- models ----------------------------------------------------------------------------------------------------------


def test_an_unknown_key_has_its_line_the_allowed_keys_and_a_hint() -> None:
    [problem] = problems("name: x\ntoen: firm\n")
    assert problem == Problem(
        "plan.yaml",
        2,
        "toen",
        "unknown key 'toen'",
        "name, tone, steps, goals, weights, parent",
        "did you mean 'tone'?",
    )


def test_an_unknown_key_in_a_member_of_a_union_lists_that_members_keys() -> None:
    [problem] = problems("name: x\nsteps:\n  - kind: say\n    text: a\n    txt: b\n")
    assert (problem.line, problem.where, problem.allowed) == (5, "steps.0.txt", "kind, text")
    [problem] = problems("name: x\nparent:\n  text: a\n  rounds: 1\n")
    assert (problem.line, problem.allowed) == (4, "kind, text")


def test_a_wrong_word_has_its_line_and_the_words_allowed() -> None:
    [problem] = problems("name: x\n\ntone: frim\n")
    assert problem == Problem("plan.yaml", 3, "tone", "'frim'", "calm, firm, threat", "did you mean 'firm'?")


def test_a_wrong_tag_and_a_missing_tag_of_a_union_are_told_apart() -> None:
    wrong, missing = problems("name: x\nsteps:\n  - {kind: sya, text: a}\n  - {text: a}\n")
    assert (wrong.line, wrong.found, wrong.allowed, wrong.hint) == (3, "'sya'", "say, hold", "did you mean 'say'?")
    assert (missing.line, missing.where, missing.found) == (4, "steps.1", "'kind' is missing")


def test_what_is_missing_is_named_at_the_node_that_lacks_it() -> None:
    found = [(p.line, p.where, p.found) for p in problems("steps:\n  - kind: hold\n")]
    assert found == [(1, "", "'name' is missing"), (2, "steps.0", "'rounds' is missing")]


def test_a_value_of_the_wrong_kind_says_what_was_found_and_what_is_allowed() -> None:
    text, number, list_ = problems("name: [a, b]\nweights:\n  war: 2\nsteps: all\n")
    assert (text.line, text.found, text.allowed) == (1, "a list of 2", "a valid string")
    assert (number.line, number.where, number.found) == (3, "weights.war", "2")
    assert number.allowed == "less than or equal to 1"
    assert (list_.line, list_.found, list_.allowed) == (4, "'all'", "a list")


def test_a_file_that_is_no_mapping_says_which_keys_it_should_have() -> None:
    [problem] = problems("- a\n")
    assert problem.allowed == "a mapping with name, tone, steps, goals, weights, parent"


def test_a_list_with_a_wrong_entry_is_not_called_too_short_as_well() -> None:
    assert [(p.where, p.found) for p in problems("name: x\ngoals: [peaec]\n")] == [("goals.0", "'peaec'")]
    assert problems("name: x\ngoals: []\n")[0].allowed.startswith("at least 1 item")


def test_all_problems_come_at_once_from_several_files_too() -> None:
    gathered: list[Problem] = []
    for text in ("nmae: x\ntone: loud\n", "name: x\nsteps: [{kind: hold, rounds: many}]\n"):
        with collecting(gathered):
            validate(parse_document(text.encode(), "plan.yaml"), Plan)
    assert [p.where for p in gathered] == ["", "nmae", "tone", "steps.0.rounds"]


class Row(Frozen):
    name: str
    size: int


class Table(Frozen):
    id: str
    rows: tuple[Row, ...]


def test_rows_with_problems_are_left_out_and_the_others_keep_their_lines() -> None:
    text = b"id: x\nrows:\n  - {name: a, size: 1}\n  - {name: b, size: big}\n  - {name: c, size: 3}\n"
    problems: list[Problem] = []
    document, table = validate_most(parse_document(text, "x.yaml"), Table, problems)
    assert [row.name for row in table.rows] == ["a", "c"]
    assert [(p.line, p.where) for p in problems] == [(4, "rows.1.size")]
    assert document.line(("rows", 1, "name")) == 5
    with pytest.raises(AuthorError, match="'id' is missing"):
        validate_most(parse_document(b"rows: []\n", "x.yaml"), Table, problems)


def test_the_closest_word_is_found_whatever_its_case() -> None:
    assert meant("moon0816", ["MOON0817", "ABE0921"]) == "did you mean 'MOON0817'?"
    assert meant("zebra", ["MOON0817"]) == ""


# --- names, paths, folders -------------------------------------------------------------------------------------------


def hostile_names(draw: random.Random) -> list[str]:
    """500 names that try to leave, to hide or to break: parents, roots, drives, bytes, blanks, links, length."""
    seeds = [
        "..", ".", "", "/", "/etc/passwd", "../secret", "a/../../secret", "..\\secret", "C:\\x", "C:x", "~", "~root",
        "~/x", "a//b", "/a", "a/", "a\x00b", "a\nb", "a\r", "us\n", "us ", " us", "a b", "%2e%2e/x", "..%2fx",
        "....//x", "$HOME", "`id`", "$(id)", "a;b", "a|b", "-rf", ".hidden", "a/.git/config", "link/secret", "link",
        "link-dir/x", "\u202eus", "u\u0455", "\uff0e\uff0e/x", "a" * 300, "a/" * 200 + "b", "CON:", "\\\\host\\share",
        "*", "?", "file:///etc/passwd", "a/..", "a/../..", "{a,b}", "a\tb", "\ud800", "us/../../../../tmp/x", "./x",
        "x/./y", "a..", "..a", "\u200bus",
    ]  # fmt: skip
    alphabet = "./\\~:%\x00\n \u202e$*-" + string.ascii_letters
    while len(seeds) < 500:
        core = "".join(draw.choice(alphabet) for _ in range(draw.randint(1, 12)))
        seeds.append(draw.choice(["../", "/", "a/../../", "..\\", ".", "~", "link/"]) + core)
    return seeds


def test_500_hostile_names_reach_nothing_outside_their_folder(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "secret").write_text("secret")
    (home / "link").symlink_to(tmp_path)
    (home / "link-dir").symlink_to(tmp_path, target_is_directory=True)
    outside = []
    for name in hostile_names(random.Random(7)):
        try:
            target = inside(home, name)
        except UsageError:
            continue
        if not target.is_relative_to(home.resolve()) or target.name in ("secret", "passwd"):
            outside.append(name)
    assert outside == []


def test_500_hostile_names_are_no_names() -> None:
    taken = []
    for name in hostile_names(random.Random(7)):
        if name == "link":  # an ordinary word: only as a path does it lead out
            continue
        try:
            taken.append(check_name(name))
        except UsageError:
            continue
    assert taken == []


def test_ordinary_names_and_paths_are_taken(tmp_path: Path) -> None:
    assert [check_name(n) for n in ("us", "mid-september-2017", "0_x", "a" * 64)]
    assert inside(tmp_path, "korea/us.yaml") == tmp_path.resolve() / "korea" / "us.yaml"
    with pytest.raises(UsageError, match="persona 'US' cannot be used"):
        check_name("US", "persona")


def test_a_users_folder_comes_first_and_is_told_apart_from_ours(tmp_path: Path) -> None:
    package, work = tmp_path / "site" / "roleplay", tmp_path / "work"
    for folder in (package / "prompts", package / "crises", work / "prompts"):
        folder.mkdir(parents=True)
    found = find_resources("prompts", cwd=work, package=package)
    assert [(r.path, r.ours) for r in found] == [(work / "prompts", False), (package / "prompts", True)]
    assert [r.path for r in find_resources("crises", cwd=work, package=package)] == [package / "crises"]


def test_in_a_clone_the_folders_at_its_top_are_ours_wherever_one_stands(tmp_path: Path) -> None:
    package = tmp_path / "clone" / "roleplay"
    for folder in ("roleplay/personas", "prompts", "transcripts", "crises"):
        (tmp_path / "clone" / folder).mkdir(parents=True)
    (tmp_path / "clone" / "pyproject.toml").touch()
    for cwd in (tmp_path, tmp_path / "clone"):
        [prompts] = find_resources("prompts", cwd=cwd, package=package)
        assert (prompts.path.name, prompts.ours) == ("prompts", True)
        assert [r.path.name for r in find_resources("samples", cwd=cwd, package=package)] == ["transcripts"]
    mine = find_resources("crises", cwd=tmp_path / "clone", package=package)
    assert [(r.path.name, r.ours) for r in mine] == [("crises", False)]


def test_folders_beside_an_installed_package_are_not_ours(tmp_path: Path) -> None:
    package = tmp_path / "site-packages" / "roleplay"
    (package.parent / "prompts").mkdir(parents=True)
    assert find_resources("prompts", cwd=tmp_path, package=package) == []
