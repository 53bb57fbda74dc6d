"""Fields that a move must be told, filled in by hand: what each may be, and how its answer is read.

Knows nothing about which moves there are, nor about how a field looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from ..commitments import DurationKind, Reversibility, Verification
from ..crises.means import CommitmentType, ObjectRow, Param
from ..errors import UsageError
from ..frozen import NOTE_LIMIT
from ..transcripts.names import spaced
from ..transcripts.words import offered, plain

Kind = Literal["one", "many", "text", "number"]
Answers = Mapping[str, Sequence[str]]
"""Field -> what was answered; nothing or blanks where it was left out."""


SHOWN = 20
"""So many choices an error names."""


@dataclass(frozen=True)
class Choice:
    """A value that a field can have, in words; `group` heads several of them."""

    value: str
    label: str
    group: str = ""


@dataclass(frozen=True)
class Field:
    """One thing that a move must be told."""

    name: str
    label: str
    kind: Kind
    choices: tuple[Choice, ...] = ()
    optional: bool = False
    further: bool = False
    """Not needed for most moves: shown apart."""
    hint: str = ""
    default: str = ""

    def read(self, answers: Answers) -> list[str]:
        """The answer, checked against what there is to choose from; raises UsageError with what is allowed."""
        given = [text.strip() for text in answers.get(self.name, ()) if text.strip()]
        if not given and not self.optional:
            raise UsageError(f"{self.label}: nothing was chosen; {self._offered()}")
        if len(given) > 1 and self.kind != "many":
            raise UsageError(f"{self.label}: one answer only")
        if self.choices:
            strangers = [text for text in given if text not in {c.value for c in self.choices}]
            if strangers:
                raise UsageError(f"{self.label}: '{strangers[0]}' cannot be chosen; {self._allowed()}")
        if self.kind == "text" and given and len(given[0]) > NOTE_LIMIT:
            raise UsageError(f"{self.label}: {len(given[0])} characters; {NOTE_LIMIT} at most")
        return given

    def _offered(self) -> str:
        """What there is to choose from, in words; how much, where that is too much to read."""
        if not self.choices:
            return "write something"
        if len(self.choices) > SHOWN:
            return f"there are {len(self.choices)} to choose from"
        return f"choose {', '.join(c.label if c.label == c.value else f'{c.label} ({c.value})' for c in self.choices)}"

    def _allowed(self) -> str:
        some = ", ".join(c.value for c in self.choices[:SHOWN])
        return f"allowed: {some}{f' and {len(self.choices) - SHOWN} more' if len(self.choices) > SHOWN else ''}"


def read_all(fields: Iterable[Field], answers: Answers) -> dict[str, list[str]]:
    """What every field reads; raises UsageError that names all that do not do."""
    read, problems = {}, []
    for field in fields:
        try:
            read[field.name] = field.read(answers)
        except UsageError as error:
            problems.append(error.message)
    if problems:
        raise UsageError("\n".join(problems))
    return read


# --- clauses ---------------------------------------------------------------------------------------------------------


def choices(values: Iterable[str], label: Callable[[str], str] = offered) -> tuple[Choice, ...]:
    """Values to choose from, each in words."""
    return tuple(Choice(v, label(v)) for v in values)


FURTHER = (
    Field("scope", "Scope", "text", optional=True, further=True, hint="how far it goes"),
    Field("conditions", "Conditions", "text", optional=True, further=True),
    Field("trigger", "Trigger", "text", optional=True, further=True, hint="what sets it off"),
    Field("start", "Start", "text", optional=True, further=True, hint="a date, YYYY-MM-DD"),
    Field("duration", "Duration", "one", choices(get_args(DurationKind)), True, True),
    Field("detail", "How long", "text", optional=True, further=True, hint="as 26 weeks, or a date"),
    Field("verification", "Verified by", "many", choices(get_args(Verification)), True, True),
    Field("on_breach", "If it is broken", "text", optional=True, further=True),
    Field("reversible", "Can it be undone", "one", choices(get_args(Reversibility)), True, True),
    Field("in_return_for", "In return for", "text", optional=True, further=True, hint="number of another clause"),
)  # fmt: skip
"""Terms that a clause may leave unstated."""


def clause_fields(
    types: Mapping[str, CommitmentType], objects: Mapping[str, ObjectRow], parties: Mapping[str, str], *,
    optional: bool = False,
) -> tuple[Field, ...]:  # fmt: skip
    """What a clause must be told: whom it binds (by name), to what, about what, and on which terms."""
    what = tuple(
        Choice(f"{kind.id}/{about}", f"{kind.title}: {objects[about].title}", kind.title)
        for kind in types.values()
        for about in (kind.objects or objects)
        if about in objects
    )
    return (
        Field("parties", "Who is bound", "many", tuple(Choice(p, name) for p, name in parties.items()), optional),
        Field("what", "To what", "one", what, optional),
        *FURTHER,
    )


def clause_of(read: Mapping[str, list[str]]) -> dict[str, Any]:
    """A commitment's data from what its fields read."""
    one = {name: "".join(values) for name, values in read.items()}
    kind, _, about = one["what"].partition("/")
    plain = ("scope", "conditions", "trigger", "start", "on_breach", "reversible", "in_return_for")
    duration = {"kind": one["duration"] or ("dated" if one["detail"] else "unstated"), "detail": one["detail"]}
    return {
        "parties": read["parties"], "type": kind, "object": about, "duration": duration,
        "verification": read["verification"], **{name: one[name] for name in plain},
    }  # fmt: skip


# --- parameters of instruments ---------------------------------------------------------------------------------------


def param_field(name: str, param: Param) -> Field:
    """The field of an instrument's parameter."""
    kinds: dict[str, tuple[Kind, tuple[Choice, ...]]] = {
        "choice": ("one", choices(param.values, spaced)), "flag": ("one", choices(("yes", "no"))),
        "number": ("number", ()), "text": ("text", ()),
    }  # fmt: skip
    kind, values = kinds[param.type]
    hint = f"{param.meaning} ({param.low} to {param.high})" if kind == "number" else param.meaning
    default = "" if param.default is None else plain(param.default)
    return Field(name, spaced(name).capitalize(), kind, values, param.default is not None, hint=hint, default=default)


def typed(param: Param, text: str) -> str | bool | int:
    """A parameter's answer in its own type; raises UsageError."""
    match param.type:
        case "flag":
            return text == "yes"
        case "number":
            return whole(text)
        case _:
            return text


def whole(text: str) -> int:
    """A whole number; raises UsageError."""
    if not text.lstrip("-").isdecimal():
        raise UsageError(f"'{text}' is not a whole number")
    return int(text)
