"""Options made from the settings of texts: one for each, named, explained and limited as the setting is."""

from collections.abc import Collection
from dataclasses import make_dataclass
from typing import Annotated, Any

from lmkit.cli.declared import READING, Option
from lmkit.text.setting_fields import Setting


def settings_group(name: str, settings: Collection[Setting], **how: Any) -> Any:
    """A group of options: one for each of these settings. how: see `option_of`."""
    listed = [(each.name, *option_of(each, **how)) for each in settings]
    # With a text of its own, as one would be made of the signature otherwise, which takes longer than all the rest.
    return make_dataclass(name, listed, namespace={"__doc__": "An option for each setting."}, repr=False, eq=False)


def option_of(setting: Setting, *, unset: bool = True) -> tuple[Any, Any]:
    """The annotation and the default of the option for a setting. unset: it may be left open, None, and is then as the model has it."""
    flag = setting.type is bool
    told = f" [default: {setting.default}]" if unset else ""
    option = Option(
        *([f"--{setting.option}" + (f"/--no-{setting.option}" if unset else "")] if flag else []),
        help=setting.help.replace("{default}", told),
        metavar="NAME" if setting.type is str else None,
        panel=READING,
        complete=setting.names,
        show_default=not (flag and unset),
    )
    if unset:
        return Annotated[setting.type | None, option], None
    return Annotated[setting.type, option], setting.default


def in_order_of_help(settings: Collection[Setting]) -> list[Setting]:
    """The settings as help lists them."""
    listed = [each for each in settings if not each.help_after]
    for each in settings:
        if each.help_after:
            listed.insert([other.name for other in listed].index(each.help_after) + 1, each)
    return listed
