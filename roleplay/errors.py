"""The whole error tree, grouped by who must act; knows nothing about any other module.

    RoleplayError                  exit
    ├── UsageError                 2    the caller asked for something that does not exist or does not fit
    ├── AuthorError                3    a file written by hand is wrong (carries `problems`)
    ├── ProviderError              4    the model endpoint answers nothing, or refuses us (resumable)
    │   ├── ProviderAuthError      4    key missing or refused
    │   └── CallFailed             4    one call whose retries are spent: a FAILED turn, not the end of a run
    ├── LimitReached               5    a cap on cost, tokens or minutes (resumable)
    ├── DamagedRun                 6    a journal or export does not verify
    ├── NotMeasurable              8    nothing to measure
    ├── DiskError                  74   full or unwritable disk; what was acknowledged is safe
    └── RunBusy                    75   another process holds the run or the embedded model

A bad *reply* of a model is data (a FAILED turn), never an exception.
"""

from __future__ import annotations

from dataclasses import dataclass


class RoleplayError(Exception):
    """Base of every error that this package raises on purpose."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class UsageError(RoleplayError):
    """What was asked for does not exist, or options contradict each other."""

    exit_code = 2


@dataclass(frozen=True)
class Problem:
    """One thing wrong in an author's file: where, what was found, what is allowed, what to do."""

    file: str
    line: int | None
    where: str
    found: str
    allowed: str = ""
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        text = f"{place}: {self.where}: {self.found}" if self.where else f"{place}: {self.found}"
        if self.allowed:
            text += f"; allowed: {self.allowed}"
        return f"{text}; {self.hint}" if self.hint else text


class AuthorError(RoleplayError):
    """One or more problems in files written by hand; all of them at once."""

    exit_code = 3

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(p) for p in problems))
        self.problems = problems


class ProviderError(RoleplayError):
    """The model endpoint does not answer; the run can be resumed."""

    exit_code = 4


class ProviderAuthError(ProviderError):
    """The endpoint refuses our key, or the model does not exist there."""


class CallFailed(ProviderError):
    """One call whose retries are spent; the seat's turn is FAILED and the game goes on."""


class LimitReached(RoleplayError):
    """A cap on cost, tokens or minutes stopped the run; it can be resumed with a higher cap."""

    exit_code = 5


class DamagedRun(RoleplayError):
    """A journal or export does not verify, or is newer than this program."""

    exit_code = 6


class NotMeasurable(RoleplayError):
    """Nothing that could be measured was found."""

    exit_code = 8


class DiskError(RoleplayError):
    """The disk is full or not writable; nothing acknowledged is lost."""

    exit_code = 74


class RunBusy(RoleplayError):
    """Another process is writing this run, or is using the embedded model."""

    exit_code = 75
