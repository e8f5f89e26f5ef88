# The public names of lmkit.kenlm: those of the `kenlm` module.

from lmkit.kenlm.config import ARPALoadComplain as ARPALoadComplain
from lmkit.kenlm.config import Config as Config
from lmkit.kenlm.config import LoadMethod as LoadMethod
from lmkit.kenlm.model import LanguageModel as LanguageModel
from lmkit.kenlm.model import Model as Model
from lmkit.kenlm.state import FullScoreReturn as FullScoreReturn
from lmkit.kenlm.state import State as State
