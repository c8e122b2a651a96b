"""Whether a value fits an annotation, as far as that can be said, and the annotation in words."""

from __future__ import annotations

import collections.abc
import functools
import inspect
import os
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, Union, get_args, get_origin

import numpy as np
import numpy.typing as npt

from tilewright import _core

Parameters = dict[str, Any]


# What the signatures of the bindings mean by their names.
_BOUND = {"abc": collections.abc, "PathLike": os.PathLike, "typing": typing, "_core": _core}


class _Names(dict[str, Any]):
    """Names of a module; what is only there for type checkers may be anything."""

    def __missing__(self, name: str) -> Any:
        builtins = __builtins__ if isinstance(__builtins__, dict) else vars(__builtins__)
        return builtins.get(name, Any)


def is_bound_method(value: Any) -> bool:
    """Whether it is a method that the bindings made."""
    return type(value).__module__ == "nanobind" and hasattr(value, "__nb_signature__")


@functools.cache
def signature_of(call: Callable[..., Any]) -> inspect.Signature:
    """Also of a method that the bindings made, which tell theirs as text."""
    inner = inspect.unwrap(call, stop=lambda inner: hasattr(inner, "__signature__"))
    if not is_bound_method(inner):
        return inspect.signature(call)
    if inspect.ismethod(call):  # of an object, which is its first argument
        own = signature_of(inner)
        return own.replace(parameters=list(own.parameters.values())[1:])
    call = inner
    # Defaults that are no literals stand there as numbers of a list.
    text = re.sub(r"\\\d+", "None", call.__nb_signature__[0][0])  # type: ignore[attr-defined]
    places = {"tilewright._core": "_core", "collections.abc": "abc", "os.PathLike": "PathLike"}
    for long, short in places.items():
        text = text.replace(long, short)
    scope: dict[str, Any] = {}
    exec(f"from __future__ import annotations\n{text}: ...", scope)  # the bindings' own text
    return inspect.signature(scope[call.__name__])


@functools.cache
def parameters_of(call: Callable[..., Any]) -> Parameters:
    """The annotations of its parameters."""
    function = inspect.unwrap(call)
    bound = is_bound_method(function)
    names = _Names(_BOUND if bound else getattr(function, "__globals__", {}))
    found: Parameters = {}
    for name, parameter in signature_of(function).parameters.items():
        hint = parameter.annotation
        if hint is inspect.Parameter.empty:
            continue
        try:
            found[name] = eval(hint, names) if isinstance(hint, str) else hint  # our own text
        except Exception:
            found[name] = Any
    return found


def _is_number(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.ndim == 0 and value.dtype.kind in "iuf"
    return isinstance(value, (int, float, np.integer, np.floating)) or hasattr(value, "__index__")


def _is_index(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.ndim == 0 and value.dtype.kind in "iu"
    return hasattr(value, "__index__")


def _is_array(value: Any) -> bool:
    try:
        return np.asarray(value).dtype.kind in "biufcV"
    except Exception:
        return False


def _is_dtype(value: Any) -> bool:
    try:
        np.dtype(value)
    except Exception:
        return False
    return True


#: Annotations that are more than a type: how to tell, and in words.
_SPECIAL: list[tuple[Any, Callable[[Any], bool], str]] = [
    (int, _is_index, "an integer"),
    (typing.SupportsIndex, _is_index, "an integer"),
    (float, _is_number, "a number"),
    (bool, lambda value: isinstance(value, (bool, np.bool_, int)), "True or False"),
    (str, lambda value: isinstance(value, str), "text"),
    (bytes, lambda value: isinstance(value, (bytes, bytearray, memoryview)), "bytes"),
    (None, lambda value: value is None, "None"),
    (type(None), lambda value: value is None, "None"),
    (npt.ArrayLike, _is_array, "an array of numbers"),
    (npt.DTypeLike, _is_dtype, "the type of an array's elements"),
]


def _special(hint: Any) -> tuple[Callable[[Any], bool], str] | None:
    for known, is_one, text in _SPECIAL:
        if hint is known or (type(hint) is type(known) and hint == known):
            return is_one, text
    return None


def _each(values: Iterable[Any], hint: Any) -> bool:
    return all(fits(value, hint) for value in values)


def fits(value: Any, hint: Any) -> bool:
    """False if the value certainly is nothing that the annotation means."""
    special = _special(hint)
    if special is not None:
        return special[0](value)
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return any(fits(value, one) for one in args)
    if origin is Literal:
        return any(type(value) is type(one) and value == one for one in args)
    if origin is np.ndarray:
        return isinstance(value, np.ndarray)
    if origin is tuple:
        if not isinstance(value, (tuple, list)):
            return False
        if len(args) == 2 and args[1] is ...:
            return _each(value, args[0])
        return len(value) == len(args) and all(map(fits, value, args))
    if origin is collections.abc.Callable or hint is Callable:
        return callable(value)
    if origin in (Mapping, dict):
        return isinstance(value, Mapping)
    if origin in (Sequence, list, Iterable):
        element = args[0] if args else Any
        if isinstance(value, (str, bytes)):
            return element in (str, Any)
        if isinstance(value, np.ndarray):
            return value.ndim > 0 and _each(value.ravel()[:1].tolist(), element)
        if isinstance(value, (list, tuple, set, frozenset, range)):
            return _each(value, element)
        return hasattr(value, "__iter__" if origin is Iterable else "__getitem__")
    kind = origin if isinstance(origin, type) else hint
    if kind is os.PathLike:
        return isinstance(value, os.PathLike)
    if not isinstance(kind, type):
        return True
    try:
        return isinstance(value, kind)
    except TypeError:  # a protocol that cannot be asked
        return True


def expected_text(hint: Any) -> str:
    """The annotation in words."""
    special = _special(hint)
    if special is not None:
        return special[1]
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(expected_text(one) for one in args))
    if origin is Literal:
        return "one of " + ", ".join(repr(one) for one in args)
    if origin is tuple:
        if len(args) == 2 and args[1] is ...:
            return f"a tuple of {_several(args[0])}"
        return "(" + ", ".join(expected_text(one) for one in args) + ")"
    if origin is collections.abc.Callable or hint is Callable:
        return "a function"
    if origin in (Mapping, dict):
        return "a mapping"
    if origin in (Sequence, list, Iterable):
        return f"a list of {_several(args[0])}" if args else "a list"
    kind = origin if isinstance(origin, type) else hint
    if kind is os.PathLike:
        return "a path"
    return f"a {kind.__name__}" if isinstance(kind, type) else "something else"


def _several(hint: Any) -> str:
    text = expected_text(hint)
    return text.removeprefix("an ").removeprefix("a ") + ("s" if text.startswith("a") else "")
