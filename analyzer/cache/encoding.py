"""Facts as JSON values and back: nothing is unpickled, and every type is checked on the way in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


def encode(value: object) -> Any:
    """Facts as JSON values: a dataclass becomes the list of its fields."""
    if is_dataclass(value) and not isinstance(value, type):
        return [encode(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (tuple, list)):
        return [encode(item) for item in value]
    return value


def decode(kind: Any, data: Any) -> Any:
    """The inverse of :func:`encode` for type ``kind``, a sequence as a tuple; TypeError or
    ValueError if it is not."""
    origin = get_origin(kind)
    if origin in (UnionType, Union):
        choices = [choice for choice in get_args(kind) if choice is not NoneType]
        return None if data is None else decode(choices[0], data)
    if origin in (tuple, Sequence):
        arguments = get_args(kind)
        if origin is Sequence or (len(arguments) == 2 and arguments[1] is Ellipsis):
            return tuple([decode(arguments[0], item) for item in data])
        return tuple([decode(each, item) for each, item in zip(arguments, data, strict=True)])
    if is_dataclass(kind):
        return _rebuilt(kind, data)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    if not isinstance(data, kind):
        raise TypeError(f"{data!r} is no {kind}")
    return data


def _rebuilt(kind: Any, data: Any) -> Any:
    types = _field_types(kind)
    return kind(*[decode(each, item) for each, item in zip(types, data, strict=True)])


@cache
def _field_types(kind: Any) -> tuple[Any, ...]:
    hints = get_type_hints(kind)
    return tuple(hints[field.name] for field in fields(kind))
