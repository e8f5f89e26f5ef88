"""The options of `lmkit filter`: what is kept, and how it is written."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.output_format import Prefix, check_prefix
from lmkit.cli.options.spelling import SpellUnknown
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from fractions import Fraction

    from lmkit.filtering.criteria import Criteria
    from lmkit.filtering.sampling import Sample
    from lmkit.filtering.thresholds import Thresholds


@dataclass(repr=False, eq=False)
class Filtering(shared.Scoring):
    """What is kept, and how it is written."""

    max_perplexity: Annotated[
        float | None, Option(metavar="X", help="Keep records with a perplexity of at most X.")
    ] = None
    min_perplexity: Annotated[
        float | None, Option(metavar="X", help="Keep records with a perplexity of at least X.")
    ] = None
    max_bits_per_byte: Annotated[float | None, Option(metavar="X", help="Keep records of at most X bits a byte.")] = (
        None
    )
    max_oov_rate: Annotated[
        float | None,
        Option(metavar="X", help="Keep records of whose words at most this share is unknown (0 to 1).", min=0, max=1),
    ] = None
    min_tokens: Annotated[int | None, Option(metavar="N", help="Keep records of at least N tokens, </s> included.")] = (
        None
    )
    keep: Annotated[
        str | None, Option(metavar="SHARE", help="Keep the best records: 10%, or a number. The text is read twice.")
    ] = None
    invert: Annotated[bool, Option("--invert", help="Keep what would be rejected, and reject the rest.")] = False
    without_text: Annotated[
        Literal["keep", "reject"] | None,
        Option(
            help="Records without a sentence: null, empty, blank lines [default: rejected, if anything is asked of records]."
        ),
    ] = None
    quantiles: Annotated[
        str | None,
        Option(
            metavar="LIST",
            help="Sort into buckets between these quantiles of perplexity, as 0.333,0.667: -o names files with {bucket}.",
        ),
    ] = None
    thresholds: Annotated[
        str | None, Option(metavar="FILE", help="The buckets are those of this file, which --thresholds-only wrote.")
    ] = None
    thresholds_only: Annotated[
        bool, Option("--thresholds-only", help="Write nothing but the thresholds between quantiles, as JSON.")
    ] = False
    sample: Annotated[
        int | None,
        Option(
            metavar="N",
            help="Find what --quantiles and --keep need from a random sample of N records [default: from all].",
            min=1,
        ),
    ] = None
    seed: Annotated[int, Option(metavar="N", help="Of the random sample.", min=0)] = 0
    append: Annotated[
        bool, Option("--append", help="Add perplexity, log10_prob, tokens, oov and bits_per_byte to each record.")
    ] = False
    prefix: Prefix = ""
    rejected: Annotated[str | None, Option(metavar="FILE", help="Write the rejected records there.")] = None
    spell_unknown: SpellUnknown = None
    tmp: shared.Tmp = None

    def plan(self) -> "Plan":
        """What decides. UsageError for options that contradict each other, or would do nothing."""
        from lmkit.filtering.criteria import Criteria
        from lmkit.filtering.sampling import Sample
        from lmkit.filtering.thresholds import parse_quantiles, parse_share, read_thresholds

        sorting = [name for name in ("quantiles", "keep", "thresholds") if getattr(self, name) is not None]
        if len(sorting) > 1:
            raise UsageError(f"--{sorting[0]} and --{sorting[1]} each say what is to be kept.", "Leave one out.")
        if self.thresholds_only and self.quantiles is None:
            raise UsageError("--thresholds-only needs quantiles.", "Add --quantiles 0.333,0.667.")
        if self.sample is not None and self.quantiles is None and self.keep is None:
            raise UsageError("--sample is for --quantiles and --keep, and there is none.", "Leave it out.")
        check_prefix(self.prefix, append=self.append)
        return Plan(
            Criteria(
                self.max_perplexity,
                self.min_perplexity,
                self.max_bits_per_byte,
                self.max_oov_rate,
                self.min_tokens,
                without_text=self.without_text,
                invert=self.invert,
            ),
            () if self.quantiles is None else parse_quantiles(self.quantiles),
            None if self.keep is None else parse_share(self.keep),
            None if self.sample is None else Sample(self.sample, self.seed),
            None if self.thresholds is None else read_thresholds(self.thresholds),
        )


@dataclass(repr=False, eq=False)
class Plan:
    """What decides where records go."""

    criteria: "Criteria"
    quantiles: "tuple[Fraction, ...]"
    keep: "Fraction | int | None"
    sample: "Sample | None"
    thresholds: "Thresholds | None"

    @property
    def reads_twice(self) -> bool:
        """Whether all records have to be seen before the first is written."""
        return bool(self.quantiles) or self.keep is not None

    @property
    def buckets(self) -> tuple[str, ...] | None:
        """The names of the buckets; None where there are none."""
        from lmkit.filtering.thresholds import bucket_names

        if self.thresholds is not None:
            return self.thresholds.buckets
        return bucket_names(len(self.quantiles) + 1) if self.quantiles else None

    def names(self, output: str | None, *, for_records: bool = True) -> list[str]:
        """The names of the outputs, one for each bucket. UsageError where they do not tell buckets apart.

        for_records: whether records are written at all.
        """
        from lmkit.filtering.files import BUCKET

        if not for_records:
            return []
        if self.buckets is None:
            if output is not None and BUCKET in output:
                raise UsageError(f"-o {output}: there are no buckets.", "Add --quantiles 0.333,0.667.")
            return ["-" if output is None else output]
        if output is None or BUCKET not in output:
            raise UsageError(
                "records that are sorted into buckets go to several files.",
                f"Name them with {BUCKET}: -o '{BUCKET}.jsonl'.",
            )
        return [output.replace(BUCKET, bucket) for bucket in self.buckets]
