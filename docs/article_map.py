"""The page on the article map: each id, where it lives in the data, which tests show it, and what is not met.

Reads the rows of crises/korea/article.yaml, every `map` and `claim` of the crisis's data and of evals/, what metrics
say of their source, and the markers `article(...)` in the tests. Knows nothing about what an id means.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from roleplay.crises import load_crisis
from roleplay.loading import load_document
from roleplay.scoring.metrics import described

ROOT = Path(__file__).parents[1]
CRISIS = ROOT / "roleplay" / "crises" / "korea"
KINDS = {
    "rules": "rule", "instruments": "instrument", "types": "clause type", "objects": "object",
    "indicators": "indicator", "rings": "ring", "lines": "policy line", "endings": "ending",
    "rows": "world row", "chances": "chance", "injects": "inject", "items": "score item",
    "fails": "fail", "metrics": "metric", "lenses": "lens",
}  # fmt: skip
MOST = 6
"""Places of a kind, and tests, that a cell names before it only counts."""


def page() -> str:
    """The whole page, in Markdown."""
    rows = load_document(CRISIS / "article.yaml").data["rows"]
    places, tests = _places(), _tests()
    for row in rows:
        places.setdefault(row["id"], []).extend(("code", f"`{path}`") for path in row.get("code", ()))
    homeless = [row["id"] for row in rows if not places.get(row["id"])]
    unshown = [row["id"] for row in rows if not tests.get(row["id"])]
    lines = "".join(
        f"| {row['id']} | {row['title']} | {_lived(places.get(row['id'], []))} | {_shown(tests.get(row['id'], []))} |\n"
        for row in rows
    )
    return (
        "# The article map\n\nWhat the article asks for and claims, where each of it lives in the Korean crisis, and "
        f"the tests that show it. {len(rows)} ids.\n\n"
        f"* Not met, since nothing in the data holds it: {_ids(homeless)}\n"
        f"* Without a test that names it: {_ids(unshown)}\n\n"
        f"| id | what it asks for | where it lives | shown by |\n|---|---|---|---|\n{lines}"
    )


def _ids(ids: list[str]) -> str:
    return ", ".join(ids) or "none"


def _lived(places: list[tuple[str, str]]) -> str:
    by_kind: dict[str, list[str]] = {}
    for kind, name in places:
        names = by_kind.setdefault(kind, [])
        names += [name] if name not in names else []
    return "; ".join(f"{kind} {_some(names)}" for kind, names in by_kind.items()) or "**not met**"


def _shown(tests: list[str]) -> str:
    return _some([f"`{name}`" for name in dict.fromkeys(tests)]) or "-"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(names[:MOST]) + more


# --- where ids live --------------------------------------------------------------------------------------------------


def _places() -> dict[str, list[tuple[str, str]]]:
    """Id -> (kind, name) of every row of data that cites it."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in (*sorted(CRISIS.rglob("*.yaml")), *sorted((ROOT / "evals").rglob("*.yaml"))):
        data = load_document(path).data
        for id, place in _cited(
            data, path.parent.name.removesuffix("s").replace("strategie", "strategy"), path.stem, path.stem
        ):
            found.setdefault(id, []).append(place)
    for kind, name, ids in (*_rubrics(), *_metrics()):
        for id in ids:
            found.setdefault(id, []).append((kind, f"`{name}`"))
    return found


def _rubrics() -> Iterator[tuple[str, str, list[str]]]:
    for path in sorted((ROOT / "evals" / "rubrics").glob("*.md")):
        cited = re.search(r"^map: \[(.*)\]$", path.read_text("utf-8"), re.MULTILINE)
        yield "rubric", path.stem, re.findall(r"\w+", cited[1]) if cited else []


def _metrics() -> Iterator[tuple[str, str, list[str]]]:
    rules = load_crisis("korea").sheet
    for name, metric in (described(rules.score) if rules else {}).items():
        cited = re.search(r"article-map ((?:[A-Z]+\d+[a-e]?(?:-[A-Z]\d+)?(?:, | and )?)+)", metric.source)
        yield "metric", name, list(_spelt(cited[1])) if cited else []


def _spelt(text: str) -> Iterator[str]:
    """Ids as they are cited: 'F3, S12', 'I1-I4'."""
    for first, last in re.findall(r"([A-Z]+\d+[a-e]?)(?:-[A-Z](\d+))?", text):
        letter, number = first[0], first[1:]
        yield from (f"{letter}{n}" for n in range(int(number), int(last) + 1)) if last else (first,)


def _cited(data: Any, kind: str, name: str, file: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Everything that a part of a file cites, with what kind of row it is and how it is called."""
    if isinstance(data, dict):
        own = next((str(data[key]) for key in ("id", "name", "fail") if isinstance(data.get(key), str)), name)
        shown = f"{file}/{own}" if kind in ("world row", "chance", "inject") else own
        cited = data.get("map", ())
        for id in (*(cited if isinstance(cited, list) else ()), *([data["claim"]] if "claim" in data else ())):
            yield str(id), (kind, f"`{shown}`")
        for key, value in data.items():
            inner = KINDS.get(key, kind) if isinstance(value, list | dict) else kind
            yield from _cited(value, inner, key if isinstance(value, dict) else own, file)
    elif isinstance(data, list):
        for item in data:
            yield from _cited(item, kind, name, file)


# --- which tests show them -------------------------------------------------------------------------------------------


def _tests() -> dict[str, list[str]]:
    """Id -> 'file::test' (or the table in it) of every marker `article(...)`."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            name = getattr(node, "name", "") or next(
                (t.id for t in getattr(node, "targets", ()) if hasattr(t, "id")), ""
            )
            for id in _marked(node):
                found.setdefault(id, []).append(f"{path.relative_to(ROOT / 'tests').as_posix()}::{name}")
    return found


def _marked(node: ast.AST) -> Iterator[str]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and getattr(call.func, "attr", getattr(call.func, "id", "")) == "article":
            yield from (str(a.value) for a in call.args if isinstance(a, ast.Constant))
