"""Values that are plain: whole numbers, decimals, texts, names from a list.

Typer has all values checked by pydantic, whose import would cost 0.1 s at every start. Whatever is not plain, and all that is
wrong, is still its business, so that messages are its own.
"""

import re
from typing import Any, Literal, get_args, get_origin

INTEGER = re.compile("0|-?[1-9][0-9]{0,15}", re.ASCII)
DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?([eE]-?[0-9]{1,2})?", re.ASCII)


class NotPlainError(Exception):
    """The value is for typer."""


def reading_at_once(parameter: Any) -> Any:
    """The parameter of typer's, which now reads plain values by itself, and leaves all others to typer."""
    if "process_value" in vars(parameter):
        return parameter
    typers_own = parameter.process_value

    def process_value(context: Any, value: Any) -> Any:
        try:
            found = read(parameter, context, value)
        except NotPlainError:
            return typers_own(context, value)
        return found if parameter.callback is None else parameter.callback(context, parameter, found)

    parameter.process_value = process_value
    return parameter


def read(parameter: Any, context: Any, value: Any) -> Any:
    """The value of a parameter. NotPlainError unless it is plain, and right."""
    told = getattr(parameter, "type_descriptor", None)  # of later versions: perhaps by another name
    info = getattr(told, "parameter_info", None)
    if told is None or info is None or info.parser is not None or info.clamp or not info.case_sensitive:
        raise NotPlainError
    if context.token_normalize_func is not None:
        raise NotPlainError
    many = parameter.multiple or parameter.nargs == -1
    if value is None and not parameter.required:
        return () if many else None
    if many and value and get_origin(told.annotation) is list and isinstance(value, list | tuple):
        (each,) = get_args(told.annotation)
        return [plain(each, item, info.min, info.max) for item in value]
    if many or parameter.nargs != 1:
        raise NotPlainError
    return plain(told.annotation, value, info.min, info.max)


def plain(annotation: Any, value: Any, least: float | None, most: float | None) -> Any:
    """The value as the annotation has it. NotPlainError unless it is plain, and within bounds."""
    if annotation is str and isinstance(value, str) and is_unicode(value):
        return value
    if annotation is bool and isinstance(value, bool):
        return value
    if get_origin(annotation) is Literal and value in get_args(annotation):
        return value
    if annotation in (int, float):
        number = value
        if isinstance(value, str) and (INTEGER if annotation is int else DECIMAL).fullmatch(value):
            number = annotation(value)
        if type(number) is annotation and (least is None or least <= number) and (most is None or number <= most):
            return number
    raise NotPlainError


def is_unicode(text: str) -> bool:
    """Whether the text has no bytes of a file name that are no UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
