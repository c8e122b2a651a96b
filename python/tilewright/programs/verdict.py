"""What became of a program: it works, or the first thing that it missed."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass

#: Longer messages are cut in the table.
SHOWN = 160


@dataclass(frozen=True)
class Verdict:
    """One program on one chip."""

    program: str
    chip: str
    works: bool
    stage: str  #: how far it came: "compile", "run" or "done"
    problem: str  #: the first missing thing, or ""
    cycles: int  #: in which kernels ran; of the device that ran longest
    simulating_seconds: float  #: host time that its kernels took
    compile_seconds: float
    run_seconds: float  #: from its start to its end, by the clock
    processor_seconds: float  #: of that, user and system time
    output: str  #: what it printed, and compilers said; the middle of long texts is left out


#: What compilers say of names that are not there, as g++ and clang++ word it.
_MISSING = [
    (re.compile(r"fatal error: '?([^\s':]+)'?(?:: No such file| file not found)"), "header {}"),
    (re.compile(r"error: use of undeclared identifier '([^']+)'"), "{}"),
    (re.compile(r"error: '([^']+)' was not declared in this scope"), "{}"),
    (re.compile(r"error: '([^']+)' has not been declared"), "{}"),
    (re.compile(r"error: '([^']+)' is not a member of '([^']+)'"), "{1}::{0}"),
    (re.compile(r"error: '(?:class|struct) ([^']+)' has no member named '([^']+)'"), "{}::{}"),
    (re.compile(r"error: no member named '([^']+)' in (?:namespace )?'([^']+)'"), "{1}::{0}"),
    (re.compile(r"error: '([^']+)' (?:in [^\n]* )?does not name a type"), "{}"),
    (re.compile(r"error: unknown type name '([^']+)'"), "{}"),
    (re.compile(r"undefined reference to `([^']+)'"), "definition of {}"),
]
_ERROR = re.compile(r"error: ([^\n]+)")
_KERNEL_ERROR = re.compile(r"^\S+\.(?:cpp|cc|h|hpp)(?::\d+)*: (?:fatal )?error: ", re.MULTILINE)
#: Where programs say what they caught before they throw something of their own, or abort: first
#: the forms of published ones, then what the C++ runtime says.
_CAUGHT = [
    re.compile(r"failed with exception!?[ \t]*\n([^\n]+(?:\n[^\n]+)?)", re.IGNORECASE),
    re.compile(r"^([^\n]+)\n[^\n]*System error message", re.MULTILINE),
    re.compile(r"^\s*what\(\):\s*([^\n]+(?:\n[^\n]+)?)", re.MULTILINE),
]
#: What TT_FATAL and its siblings throw: the condition, and a text on the next line if there is one.
_ASSERTED = re.compile(
    r"TT_(?:FATAL|THROW|ASSERT) @ [^\n]*?:\d+: (?P<condition>[^\n]*)(?:\n(?P<text>[^\n]+))?"
)
_LOG_PREFIX = re.compile(r"^\s*\w+ +\| +\w+ \| ")
_NOISE = re.compile(r"^(?:terminate called|\s*$|Aborted|Backtrace)")


def missing_header(compiler_says: str) -> str | None:
    """The header that ended a compilation, if that is why it ended."""
    found = _MISSING[0][0].search(compiler_says)
    return found[1] if found else None


def first_missing(compiler_says: str) -> str:
    """The name that a compiler missed first, or its first error, or the last line it said."""
    text = compiler_says.replace("\u2018", "'").replace("\u2019", "'")
    found = [
        (match.start(), match, form)
        for form_re, form in _MISSING
        for match in [form_re.search(text)]
        if match
    ]
    error = _ERROR.search(text)
    if found:
        start, match, form = min(found, key=lambda each: each[0])
        if error is None or start <= error.start() + len("fatal "):
            return "no " + form.format(*match.groups())
    if error:
        return cut(error[1])
    lines = [line for line in text.splitlines() if line.strip()]
    return cut(lines[-1] if lines else "the compiler said nothing")


def why_it_failed(returncode: int, output: str) -> str:
    """The first missing thing of a program that compiled, from its exit code (negative: the signal
    that ended it) and what it printed."""
    if _KERNEL_ERROR.search(output):
        return f"kernel: {first_missing(output)}"
    for caught in _CAUGHT:
        if found := caught.search(output):
            text = _LOG_PREFIX.sub("", found[1])
            if asserted := _ASSERTED.search(text):
                text = asserted["text"] or asserted["condition"]
            else:
                lines = text.splitlines()
                text = " ".join(lines) if lines[0].endswith(":") else lines[0]
            return cut(" ".join(text.split()))
    if returncode < 0:
        return f"ended by {signal.Signals(-returncode).name}"
    lines = [line for line in output.splitlines() if not _NOISE.match(line)]
    return f"exit code {returncode}" + (f": {cut(lines[-1].strip())}" if lines else "")


def cut(text: str) -> str:
    """The beginning of a long message."""
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."
