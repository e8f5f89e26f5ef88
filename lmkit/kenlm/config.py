"""What the `kenlm` module can be told about loading. Here it changes nothing: files of lmkit's own are mapped into memory."""

from dataclasses import dataclass
from enum import IntEnum


class LoadMethod(IntEnum):
    """How KenLM reads its files; the numbers are KenLM's."""

    LAZY = 0
    POPULATE_OR_LAZY = 1
    POPULATE_OR_READ = 2
    READ = 3
    PARALLEL_READ = 4


class ARPALoadComplain(IntEnum):
    """What KenLM says about ARPA files; the numbers are KenLM's."""

    ALL = 0
    EXPENSIVE = 1
    NONE = 2


@dataclass
class Config:
    """What scripts set before they load a model; taken, and not looked at."""

    load_method: int = LoadMethod.POPULATE_OR_READ
    show_progress: bool = True
    arpa_complain: int = ARPALoadComplain.ALL
