"""Arguments that a public call cannot take, told by name.

`name_arguments` is put around what a package offers. A call that works pays for a ``try``; one that
ends in an error of Python, NumPy or the bindings is looked at again: the first argument that does
not fit its annotation is named in an ArgumentError, with what was expected. Errors of the caller's
own code, such as a callback, pass as they are, and so do those of this project, but for an
ArgumentError that names no argument of the call: it gets the name, if it is certain.
"""

from __future__ import annotations

import enum
import functools
import re
import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from types import FunctionType, TracebackType
from typing import Any, NamedTuple, TypeVar

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
    it offers is in ``__all__``, or else what it defines. Likewise around what `tilewright` itself
    offers, which all packages hand out."""
    own = [name for name, value in module.items() if name[0] != "_" and _defined_in(module, value)]
    for name in module.get("__all__", own):
        value = module.get(name)
        if isinstance(value, type):
            if not issubclass(value, BaseException):
                _name_in_class(value)
        elif isinstance(value, FunctionType):
            module[name] = named(value, name)
    import_module("tilewright.public")


def _defined_in(module: dict[str, Any], value: Any) -> bool:
    return bool(getattr(value, "__module__", None) == module["__name__"])


class _Call(NamedTuple):
    """A call that was made. Signatures are looked at only where one went wrong: to do so for all
    that a package offers would take longer than its import."""

    function: Callable[..., Any]
    name: str  #: as users know it
    is_method: bool  #: its first parameter is not the caller's to give
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def given(self) -> Given:
        """Each parameter that got a value, its annotation, and the value. TypeError if one is
        missing, or there are too many."""
        from tilewright.annotations import parameters_of, signature_of

        signature = signature_of(self.function)
        hints = parameters_of(self.function)
        bound = list(signature.bind(*self.args, **self.kwargs).arguments.items())
        given: Given = []
        for name, value in bound[1:] if self.is_method else bound:
            parameter = signature.parameters[name]
            hint = hints.get(name, Any)
            if parameter.kind is parameter.VAR_POSITIONAL:
                given += [(name, hint, each) for each in value]
            elif parameter.kind is parameter.VAR_KEYWORD:
                given += [(key, hint, each) for key, each in value.items()]
            else:
                given.append((name, hint, value))
        return given

    def misfit(self) -> str | None:
        """What is wrong with the first argument that does not fit its annotation."""
        from tilewright.annotations import expected_text, fits

        try:
            given = self.given()
        except TypeError as wrong:
            return f"{self.name}: {wrong}"
        for parameter, hint, value in given:
            if not fits(value, hint):
                expected = expected_text(hint)
                return f"{self.name}: {parameter}: expected {expected}, got {described(value)}"
        return None

    def explain(self, error: BaseException) -> str:
        """What to say of an error of Python, NumPy or the bindings."""
        from tilewright.annotations import expected_text

        if reason := self.misfit():
            return reason
        given = self.given()
        for parameter, _, value in given:
            if isinstance(value, int) and not 0 <= value < 1 << 64:
                got = described(value)
                return f"{self.name}: {parameter}: expected 0 to 2^64 - 1, got {got}"
        listed = ", ".join(
            f"{parameter} ({expected_text(hint)}): {described(value)}"
            for parameter, hint, value in given
        )
        reason = str(error).split("\n", 1)[0].split(" The following argument types", 1)[0]
        return (
            f"{self.name}: these arguments do not fit: {listed}; {type(error).__name__}: {reason}"
        )

    def add_name(self, error: ArgumentError) -> None:
        """Say in the message which argument it was, where it does not and there is no doubt: it is
        the only one, or the first that does not fit."""
        from tilewright.annotations import fits

        try:
            given = self.given()
        except TypeError:
            return
        names = {name for name, _, _ in given}
        text = str(error)
        if names_one_of(text, names):
            return
        suspects = [name for name, hint, value in given if not fits(value, hint)]
        if suspects or len(names) == 1:
            which = suspects[0] if suspects else given[0][0]
            error.args = (f"{self.name}: {which}: {text.removeprefix(f'{self.name}: ')}",)


def named(call: Callable[..., T], name: str, *, is_method: bool = False) -> Callable[..., T]:
    """The function, whose errors name its arguments. Itself if it takes none."""
    if getattr(call, "names_arguments", False) or not _takes_any(call, is_method):
        return call
    inner = _unwrapped(call)
    # What goes wrong in a generator, or in a `with`, comes when the call has returned.
    late = isinstance(inner, FunctionType) and inner.__code__.co_flags & _IS_GENERATOR != 0

    @functools.wraps(call)
    def checked(*args: Any, **kwargs: Any) -> T:
        try:
            if late and (reason := _Call(call, name, is_method, args, kwargs).misfit()):
                raise ArgumentError(reason)
            return call(*args, **kwargs)
        except RAW as error:
            if _of_caller(error.__traceback__):
                raise
            made = _Call(call, name, is_method, args, kwargs)
            if isinstance(error, Error):
                if isinstance(error, ArgumentError):
                    made.add_name(error)
                raise
            raise ArgumentError(made.explain(error)) from error

    checked.names_arguments = True  # type: ignore[attr-defined]
    return checked


# Flags of a code object, as `inspect` has them: *args or **kwargs, and what yields.
_IS_VARIADIC = 0x04 | 0x08
_IS_GENERATOR = 0x20


def _unwrapped(call: Any) -> Any:
    while hasattr(call, "__wrapped__"):
        call = call.__wrapped__
    return call


def _name_in_class(kind: type) -> None:
    if issubclass(kind, enum.Enum):
        return
    home: type | None = None  # the class of ours that stands on the bindings
    for base in kind.__mro__:
        if not base.__module__.startswith(_PACKAGES):
            continue
        if base.__module__.endswith("_core"):
            if base is kind:
                _name_in_binding(kind)
            else:
                _name_bound(home, base)
            continue
        home = base
        for name, value in list(vars(base).items()):
            if name.startswith("_") and name != "__init__":
                continue
            shown = kind.__name__ if name == "__init__" else name
            if isinstance(value, (staticmethod, classmethod)):
                inner = value.__func__
                if isinstance(inner, FunctionType):
                    is_method = isinstance(value, classmethod)
                    wrapped = named(inner, shown, is_method=is_method)
                    setattr(base, name, type(value)(wrapped))
            elif isinstance(value, FunctionType):
                setattr(base, name, named(value, shown, is_method=True))


def _name_bound(home: type | None, base: type) -> None:
    """Methods that a class of ours has from one of the bindings, which itself stays as it is."""
    if home is None:
        return
    for name, value in list(vars(base).items()):
        if not name.startswith("_") and _is_bound(value) and getattr(home, name) is value:
            setattr(home, name, _named_bound(value, name))


def _name_in_binding(kind: type) -> None:
    """A class of the bindings that users get as it is: values such as placements."""
    for name, value in list(vars(kind).items()):
        if name.startswith("_") or not _is_bound(value):
            continue
        is_method = type(value).__name__ == "nb_method"
        checked = named(value, name, is_method=is_method)
        setattr(kind, name, checked if is_method else staticmethod(checked))


def _is_bound(value: Any) -> bool:
    return type(value).__module__ == "nanobind" and hasattr(value, "__nb_signature__")


def _named_bound(call: Any, name: str) -> Callable[..., Any]:
    from tilewright.annotations import signature_of

    checked = named(call, name, is_method=True)
    if checked is not call:
        checked.__signature__ = signature_of(call)  # type: ignore[attr-defined]
    return checked


def _takes_any(call: Callable[..., Any], is_method: bool) -> bool:
    inner = _unwrapped(call)
    if _is_bound(inner):
        text = str(inner.__nb_signature__[0][0])
        return "(self)" not in text and "()" not in text
    code = inner.__code__
    takes: int = code.co_argcount + code.co_kwonlyargcount
    return takes > is_method or bool(code.co_flags & _IS_VARIADIC)


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


def names_one_of(text: str, parameters: Iterable[str]) -> bool:
    """Whether one of the names stands in a message, as a word; A and B are a and b."""
    return any(re.search(rf"\b{re.escape(each)}\b", text, re.IGNORECASE) for each in parameters)


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
