"""Templates are found, hashed and rendered; author text in them stays text."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from roleplay.errors import AuthorError
from roleplay.prompting.templates import Templates, load_templates

PAYLOADS = [
    "{{ 7 * 7 }}", "{% for i in range(9) %}x{% endfor %}", "{{ ''.__class__.__mro__ }}", "{# gone #}",
    "{{ config }}", "{% include 'system.j2' %}", "{{ self }}", "{% set a = 1 %}", "{%- raw -%}", "}}", "{{",
]  # fmt: skip


def _folder(path: Path, **sources: str) -> Path:
    path.mkdir(exist_ok=True)
    for name, source in sources.items():
        (path / f"{name}.j2").write_text(source, encoding="utf-8")
    return path


def _templates(path: Path, *, sandboxed: bool = False, **sources: str) -> Templates:
    return Templates((_folder(path, **sources),), sandboxed=sandboxed)


def test_our_templates_are_there_and_hashed_by_their_source() -> None:
    hashes = load_templates().hashes
    assert {"system.j2", "phase.j2", "digest.j2", "question_talks.j2", "repair.j2"} <= hashes.keys()
    source = (Path(__file__).parents[2] / "prompts" / "system.j2").read_text(encoding="utf-8")
    assert hashes["system.j2"] == hashlib.sha256(source.encode()).hexdigest()


def test_a_users_template_counts_only_where_it_is_trusted(tmp_path: Path) -> None:
    _folder(tmp_path / "prompts", repair="Mine: {{ problem }}")
    assert "Mine" not in load_templates(cwd=tmp_path).render("repair.j2", {"problem": "p", "keys": "k"})
    assert load_templates(trusted=True, cwd=tmp_path).render("repair.j2", {"problem": "p", "keys": "k"}) == "Mine: p"
    assert load_templates(trusted=True, cwd=tmp_path).hashes["repair.j2"] != load_templates().hashes["repair.j2"]
    assert load_templates(trusted=True, cwd=tmp_path).hashes["system.j2"] == load_templates().hashes["system.j2"]


@pytest.mark.parametrize("attack", ["{{ ''.__class__.__mro__ }}", "{{ problem.__init__.__globals__ }}"])
def test_a_trusted_template_runs_in_a_sandbox(tmp_path: Path, attack: str) -> None:
    templates = _templates(tmp_path, sandboxed=True, repair=attack)
    with pytest.raises(AuthorError):
        templates.render("repair.j2", {"problem": "p", "keys": "k"})


def test_every_missing_variable_is_named_with_its_place(tmp_path: Path) -> None:
    templates = _templates(tmp_path, a="one {{ known }}\n{{ gone }} {% include 'b.j2' %}", b="\n\n{{ lost }}")
    with pytest.raises(AuthorError) as caught:
        templates.render("a.j2", {"known": 1})
    assert [str(p) for p in caught.value.problems] == [
        "a.j2:2: variable 'gone' does not exist; allowed: known",
        "b.j2:3: variable 'lost' does not exist; allowed: known",
    ]


def test_a_missing_attribute_is_named_with_its_line(tmp_path: Path) -> None:
    templates = _templates(tmp_path, a="one\n{{ seat.nmae }}")
    with pytest.raises(AuthorError, match=r"a.j2:2: .*has no attribute 'nmae'"):
        templates.render("a.j2", {"seat": {"name": "us"}})


def test_a_broken_expression_is_the_authors_problem(tmp_path: Path) -> None:
    templates = _templates(tmp_path, a="{{ 1 / n }}")
    with pytest.raises(AuthorError, match=r"a\.j2:1: division by zero"):
        templates.render("a.j2", {"n": 0})


def test_a_template_that_does_not_parse_is_refused_on_loading(tmp_path: Path) -> None:
    with pytest.raises(AuthorError, match=r"a\.j2:2: is no template"):
        _templates(tmp_path, a="fine\n{% if %}")


def test_a_template_that_is_not_text_is_refused_on_loading(tmp_path: Path) -> None:
    (tmp_path / "a.j2").write_bytes(b"\xff\xfe")
    with pytest.raises(AuthorError, match=r"a\.j2: is not UTF-8"):
        Templates((tmp_path,), sandboxed=False)


def test_a_template_that_does_not_exist_is_named() -> None:
    with pytest.raises(AuthorError, match=r"nothing\.j2: template does not exist"):
        load_templates().render("nothing.j2", {})


@pytest.mark.parametrize("sandboxed", [False, True])
@pytest.mark.parametrize("payload", PAYLOADS)
def test_author_text_stays_text(tmp_path: Path, payload: str, sandboxed: bool) -> None:
    templates = _templates(tmp_path, sandboxed=sandboxed, a="[{{ text | line }}]", system="SYSTEM")
    assert templates.render("a.j2", {"text": payload}) == f"[{payload}]"
