"""Arguments that a public call cannot take, told by name.

`name_arguments` is put around what a package offers. A call that works pays for a ``try``; one that
ends in an error of Python, NumPy or the bindings is looked at again: the first argument that does
not fit its annotation is named in an ArgumentError, with what was expected. Errors of the caller's
own code, such as a callback, pass as they are, and so do those of this project.
"""

from __future__ import annotations

import enum
import functools
import inspect
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar

from tilewright.annotations import (
    expected_text,
    fits,
    is_bound_method,
    parameters_of,
    signature_of,
)
from tilewright.errors import ArgumentError, Error

T = TypeVar("T")
Given = list[tuple[str, Any, Any]]

#: What Python, NumPy and the bindings raise for arguments that cannot be.
RAW = (
    ArithmeticError,
    AttributeError,
    BufferError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)
_PACKAGES = ("tilewright", "stillwater_", "pto_runtime", "zork_tt")
#: Whose code is not the caller's, beside Python's own.
_LIBRARIES = ("numpy", "yaml", "rich", "matplotlib", "dask", "gymnasium", *_PACKAGES)


def name_arguments(module: dict[str, Any]) -> None:
    """Put it around the functions that a module offers, and around the methods of its classes: in
    place, for all that are this project's and take arguments. `module` are its ``globals()``; what
    it offers is in ``__all__``, or else what it defines."""
    own = [name for name, value in module.items() if name[0] != "_" and _defined_in(module, value)]
    for name in module.get("__all__", own):
        value = module.get(name)
        if inspect.isclass(value):
            if not issubclass(value, BaseException):
                _name_in_class(value)
        elif inspect.isfunction(value):
            module[name] = named(value, name)


def _defined_in(module: dict[str, Any], value: Any) -> bool:
    return bool(getattr(value, "__module__", None) == module["__name__"])


def named(call: Callable[..., T], name: str) -> Callable[..., T]:
    """The function, whose errors name its arguments. Itself if it takes none."""
    if getattr(call, "names_arguments", False) or not _takes_any(call):
        return call
    # What goes wrong in a generator, or in a `with`, comes when the call has returned.
    late = inspect.isgeneratorfunction(inspect.unwrap(call))

    @functools.wraps(call)
    def checked(*args: Any, **kwargs: Any) -> T:
        try:
            if late and (reason := _misfit(call, name, args, kwargs)):
                raise ArgumentError(reason)
            return call(*args, **kwargs)
        except RAW as error:
            if isinstance(error, Error) or _of_caller(error.__traceback__):
                raise
            raise ArgumentError(_explain(error, call, name, args, kwargs)) from error

    checked.names_arguments = True  # type: ignore[attr-defined]
    if not inspect.isfunction(call):
        checked.__signature__ = signature_of(call)  # type: ignore[attr-defined]
    return checked


def _name_in_class(kind: type) -> None:
    if issubclass(kind, enum.Enum):
        return
    home: type | None = None  # the class of ours that stands on the bindings
    for base in kind.__mro__:
        if not base.__module__.startswith(_PACKAGES):
            continue
        if base.__module__.endswith("_core"):
            _name_bound(home, base)
            continue
        home = base
        for name, value in list(vars(base).items()):
            if name.startswith("_") and name != "__init__":
                continue
            shown = kind.__name__ if name == "__init__" else name
            if isinstance(value, (staticmethod, classmethod)):
                if inspect.isfunction(value.__func__):
                    setattr(base, name, type(value)(named(value.__func__, shown)))
            elif inspect.isfunction(value):
                setattr(base, name, named(value, shown))


def _name_bound(home: type | None, base: type) -> None:
    """Methods that a class of ours has from one of the bindings, which itself stays as it is."""
    if home is None:
        return
    for name, value in list(vars(base).items()):
        if not name.startswith("_") and is_bound_method(value) and getattr(home, name) is value:
            setattr(home, name, named(value, name))


def _takes_any(call: Callable[..., Any]) -> bool:
    return any(name not in ("self", "cls") for name in signature_of(call).parameters)


def _of_caller(trace: TracebackType | None) -> bool:
    """Whether it was raised in code of the caller's, below the call that it made."""
    frame = trace.tb_next if trace is not None else None
    while frame is not None:
        module = str(frame.tb_frame.f_globals.get("__name__"))
        top = module.partition(".")[0]
        if top not in sys.stdlib_module_names and not top.startswith(_LIBRARIES):
            return True
        frame = frame.tb_next
    return False


def _given(call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Given:
    """Each parameter that got a value, its annotation, and the value. TypeError if one is missing,
    or there are too many."""
    signature = signature_of(call)
    hints = parameters_of(call)
    given: Given = []
    for name, value in signature.bind(*args, **kwargs).arguments.items():
        kind = signature.parameters[name].kind
        hint = hints.get(name, Any)
        if kind is inspect.Parameter.VAR_POSITIONAL:
            given += [(name, hint, each) for each in value]
        elif kind is inspect.Parameter.VAR_KEYWORD:
            given += [(key, hint, each) for key, each in value.items()]
        elif name not in ("self", "cls"):
            given.append((name, hint, value))
    return given


def _misfit(
    call: Callable[..., Any], name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> str | None:
    """What is wrong with the first argument that does not fit its annotation."""
    try:
        given = _given(call, args, kwargs)
    except TypeError as wrong:
        return f"{name}: {wrong}"
    for parameter, hint, value in given:
        if not fits(value, hint):
            return f"{name}: {parameter}: expected {expected_text(hint)}, got {described(value)}"
    return None


def _explain(
    error: BaseException,
    call: Callable[..., Any],
    name: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> str:
    if reason := _misfit(call, name, args, kwargs):
        return reason
    given = _given(call, args, kwargs)
    for parameter, _, value in given:
        if isinstance(value, int) and not 0 <= value < 1 << 64:
            return f"{name}: {parameter}: expected 0 to 2^64 - 1, got {described(value)}"
    listed = ", ".join(
        f"{parameter} ({expected_text(hint)}): {described(value)}"
        for parameter, hint, value in given
    )
    reason = str(error).split("\n", 1)[0].split(" The following argument types", 1)[0]
    return f"{name}: these arguments do not fit: {listed}; {type(error).__name__}: {reason}"


def described(value: Any) -> str:
    """Its type, and the value if that is short."""
    kind = type(value).__name__
    if value is None:
        return "None"
    try:
        text = repr(value)
    except Exception:  # a foreign __repr__ may do anything
        return kind
    return f"{kind} {text}" if len(text) <= 40 and "\n" not in text else kind
