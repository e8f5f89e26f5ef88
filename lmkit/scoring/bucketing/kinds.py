"""What weights of mixtures may depend on, by name; nothing slow is imported here, so that the command line can list them."""

from typing import Literal, get_args

Kind = Literal["length", "count", "oov"]
KINDS: tuple[Kind, ...] = get_args(Kind)
