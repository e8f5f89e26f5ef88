"""Files of records filtered in one call."""

import os
from collections.abc import Sequence
from fractions import Fraction

from lmkit.engine.resources import Resources
from lmkit.errors import UsageError
from lmkit.filtering.criteria import Criteria
from lmkit.filtering.filtering import FilterSummary, RecordSource, filter_source
from lmkit.filtering.measuring import Measuring
from lmkit.filtering.sampling import Sample
from lmkit.filtering.sorting import Destination, Sorter
from lmkit.filtering.thresholds import bucket_names, check_quantiles
from lmkit.scoring.protocol import Model
from lmkit.text.reading import WITHOUT_CHOICE, Reading
from lmkit.text.records.outputs import RecordFile
from lmkit.text.settings import TextSettings
from lmkit.text.sources.names import Texts

BUCKET = "{bucket}"  # in the name of an output, the bucket
EVERYTHING = Criteria()


def filter_records(
    model: Model,
    texts: Texts,
    output: str | os.PathLike[str],
    *,
    rejected: str | os.PathLike[str] | None = None,
    criteria: Criteria = EVERYTHING,
    against: Model | None = None,
    quantiles: Sequence[float] = (),
    keep: float | None = None,
    sample: Sample | None = None,
    append: bool = False,
    prefix: str = "",
    settings: TextSettings | None = None,
    reading: Reading = WITHOUT_CHOICE,
    resources: Resources = Resources(),
) -> FilterSummary:
    """Write the records of the texts that meet the criteria, as they stand, to a file; what became of them.

    texts: see `TextFile`; a record is a line, or what the format has. output: in the format of the texts, or as its suffix says; with
    quantiles, a name with {bucket} for each bucket between these: head, middle, tail. rejected: the file of all others. against: a model of text in general,
    by whose difference from the model records are ranked (Moore & Lewis 2010), in place of perplexity. keep: the share of the records that is kept,
    the best ones (0.1), or their number (1000). sample: the records from which quantiles and shares are found (default: all). append: whether figures are added to records, under names
    that begin with prefix. Files appear whole or not at all. UsageError for what contradicts itself, DataError for what cannot be read or written.
    """
    fractions = tuple(Fraction(str(quantile)) for quantile in quantiles)
    check_quantiles(fractions, f"quantiles {quantiles}")
    name = os.fspath(output)
    if (BUCKET in name) != bool(fractions):
        raise UsageError(f"output {name}: with quantiles, and only with them, the name has {BUCKET} in it.")
    buckets = bucket_names(len(fractions) + 1) if fractions else ("",)
    files = tuple(RecordFile.named(name.replace(BUCKET, bucket)) for bucket in buckets)
    others = None if rejected is None else RecordFile.named(os.fspath(rejected))
    source = RecordSource(Measuring(model, settings, against), texts, reading, resources)
    sorter = Sorter(Destination(files, others), criteria, append=append, prefix=prefix)
    share = None if keep is None else keep if isinstance(keep, int) else Fraction(str(keep))
    if share is not None and (fractions or share <= 0 or (not isinstance(share, int) and share > 1)):
        raise UsageError(f"keep is {keep}; it is a share up to 1, or a number of records, without quantiles.")
    return filter_source(source, sorter, quantiles=fractions, keep=share, sample=sample)
