"""Turn a value read from TOML into the type a configuration field declares."""

from typing import Any, Literal, get_args, get_origin


class Mismatch(Exception):
    """A value that is not of the type expected; its text names what was."""


_NUMBER, _LIST = "a number", "a list"


def coerce(value: Any, hint: Any) -> Any:
    """Return `value` in the type `hint`: bool, int, float, str, dict, Literal or tuple of those.

    A whole number passes as float. One value stands for a fixed tuple of equal values.

    Raises
    ------
    Mismatch
        If it is of another type; the text is what was expected.

    Examples
    --------
    >>> coerce(96, tuple[int, int])
    (96, 96)
    """
    if get_origin(hint) is tuple:
        return _coerce_tuple(value, get_args(hint))
    if get_origin(hint) is Literal:
        if value in get_args(hint) and isinstance(value, str):
            return value
        raise Mismatch("one of " + ", ".join(repr(word) for word in get_args(hint)))
    return _coerce_plain(value, get_origin(hint) or hint)


def _coerce_plain(value: Any, kind: Any) -> Any:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    wrong_bool = isinstance(value, bool) and kind is not bool
    if wrong_bool or not isinstance(value, kind):
        names = {str: "a text", int: "a whole number", float: "a number", bool: "true or false",
                 dict: "a table"}  # fmt: skip
        raise Mismatch(names[kind])
    if kind is float and value != value:
        raise Mismatch(_NUMBER)
    return value


def _coerce_tuple(value: Any, hints: tuple[Any, ...]) -> tuple[Any, ...]:
    if hints[-1] is Ellipsis:
        if not isinstance(value, list | tuple):
            raise Mismatch(_LIST)
        return tuple(coerce(item, hints[0]) for item in value)
    if not isinstance(value, list | tuple):
        value = [value] * len(hints)
    if len(value) != len(hints):
        message = f"{len(hints)} values"
        raise Mismatch(message)
    return tuple(coerce(item, hint) for item, hint in zip(value, hints, strict=True))
