"""Prompt templates: where they lie, how they are rendered, what they hash to. Knows nothing about what prompts say.

Author text is a value that templates print and is never itself rendered. The user's own `prompts/` folder counts only
where templates are trusted, and is rendered in a sandbox then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any

import jinja2
from jinja2 import meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ..errors import AuthorError, Problem
from ..resources import find_resources
from .fence import encode, fenced, one_line

_OPTIONS: dict[str, Any] = {
    "undefined": jinja2.StrictUndefined,
    "autoescape": False,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "auto_reload": False,
}
_WRONG = (jinja2.TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What a template's own expressions can raise."""


class Templates:
    """The templates of some folders, those of an earlier folder first; compiled once, checked on loading."""

    def __init__(self, folders: tuple[Path, ...], *, sandboxed: bool) -> None:
        loader = jinja2.FileSystemLoader([str(folder) for folder in folders])
        kind = ImmutableSandboxedEnvironment if sandboxed else jinja2.Environment
        self._environment = kind(loader=loader, **_OPTIONS)
        self._environment.filters |= {"json": encode, "fenced": fenced, "line": one_line}
        self._needs: dict[str, dict[str, tuple[str, int]]] = {}
        self.hashes = {name: self._hash(name) for name in self._environment.list_templates(extensions=["j2"])}
        """Template -> SHA-256 of its source."""

    def render(self, name: str, values: Mapping[str, Any]) -> str:
        """The template's text, without blank ends; raises AuthorError that names every variable it lacks."""
        if missing := self._variables(name).keys() - values.keys():
            raise AuthorError([self._missing(name, variable, values) for variable in sorted(missing)])
        try:
            return self._environment.get_template(name).render(values).strip()
        except _WRONG as error:
            raise AuthorError([self._wrong(name, error)]) from error

    def _hash(self, name: str) -> str:
        source = self._source(name)
        self._variables(name)
        return hashlib.sha256(source.encode()).hexdigest()

    def _source(self, name: str) -> str:
        assert self._environment.loader is not None
        try:
            return self._environment.loader.get_source(self._environment, name)[0]
        except jinja2.TemplateNotFound:
            raise AuthorError([Problem(name, None, "", "template does not exist")]) from None
        except UnicodeDecodeError:
            raise AuthorError([Problem(name, None, "", "is not UTF-8", hint="save the file as UTF-8")]) from None

    def _variables(self, name: str) -> dict[str, tuple[str, int]]:
        """Variables that a template and what it includes need, each with a file and line where it stands."""
        if name not in self._needs:
            tree = self._parse(name)
            needs = {v: (name, _line_of(tree, v)) for v in meta.find_undeclared_variables(tree)}
            for included in meta.find_referenced_templates(tree):
                if included:
                    needs = {**self._variables(included), **needs}
            self._needs[name] = {v: at for v, at in needs.items() if v not in self._environment.globals}
        return self._needs[name]

    def _parse(self, name: str) -> nodes.Template:
        try:
            return self._environment.parse(self._source(name), name)
        except jinja2.TemplateSyntaxError as error:
            raise AuthorError([Problem(name, error.lineno, "", f"is no template: {error.message}")]) from error

    def _missing(self, name: str, variable: str, values: Mapping[str, Any]) -> Problem:
        file, line = self._variables(name)[variable]
        return Problem(file, line, "", f"variable '{variable}' does not exist", ", ".join(sorted(values)))

    def _wrong(self, name: str, error: BaseException) -> Problem:
        files = {self._environment.get_template(n).filename: n for n in self.hashes}
        file, line = _place_of(error.__traceback__, files) or (name, None)
        return Problem(file, line, "", f"{getattr(error, 'message', None) or error}")


def _line_of(tree: nodes.Template, variable: str) -> int:
    return min((n.lineno for n in tree.find_all(nodes.Name) if n.name == variable), default=1)


def _place_of(trace: TracebackType | None, files: Mapping[str | None, str]) -> tuple[str, int] | None:
    """The innermost line of a template in a traceback, into which jinja writes the templates' own lines."""
    place = None
    while trace:
        name = files.get(trace.tb_frame.f_code.co_filename)
        place = (name, trace.tb_lineno) if name else place
        trace = trace.tb_next
    return place


@lru_cache(maxsize=16)
def _open(folders: tuple[Path, ...], sandboxed: bool) -> Templates:
    return Templates(folders, sandboxed=sandboxed)


def load_templates(*, trusted: bool = False, cwd: Path | None = None) -> Templates:
    """The prompt templates; with `trusted`, those of the user's own `prompts/` folder come before ours.

    Raises AuthorError for a template that does not parse.
    """
    found = [r for r in find_resources("prompts", cwd=cwd) if r.ours or trusted]
    return _open(tuple(r.path.resolve() for r in found), any(not r.ours for r in found))
