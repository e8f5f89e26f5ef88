"""The options of `lmkit filter` for the selection of text that is like that of a domain."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from lmkit.cli.declared import Option
from lmkit.cli.options.filtering import Filtering, Plan
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.text.sources.names import TextFile

OF_RECORDS = ("append", "rejected", "bitext_output", "bitext_rejected")  # that are written
NOT_WITH_CURVE = ("thresholds_only", "spell_unknown", "keep", "quantiles", "thresholds", "sample", *OF_RECORDS)


@dataclass(repr=False, eq=False)
class Selecting(Filtering):
    """What is kept, and how it is written; by one model, or by how it differs from another one."""

    against: Annotated[
        str | None,
        Option(
            metavar="MODEL",
            help="A model of text in general: records are ranked by the difference of the cross-entropies (Moore & Lewis 2010).",
        ),
    ] = None
    max_difference: Annotated[
        float | None,
        Option(metavar="X", help="With --against: keep records whose difference is at most X bits a token, as -0.2."),
    ] = None
    bitext: Annotated[
        str | None,
        Option(metavar="MODEL", help="Of the other side of a parallel text: the differences of both sides are added."),
    ] = None
    bitext_against: Annotated[
        str | None, Option(metavar="MODEL", help="The model of text in general, of the other side.")
    ] = None
    bitext_file: Annotated[
        list[str] | None,
        Option(metavar="FILE", help="The other side, record beside record; several times for several."),
    ] = None
    bitext_field: Annotated[
        str | None,
        Option(metavar="FIELD", help="The field of the other side: in the same records, or in --bitext-file."),
    ] = None
    bitext_output: Annotated[
        str | None, Option(metavar="FILE", help="Where to write what is kept of --bitext-file.")
    ] = None
    bitext_rejected: Annotated[
        str | None, Option(metavar="FILE", help="Where to write what is rejected of --bitext-file.")
    ] = None
    curve: Annotated[
        str | None,
        Option(
            metavar="TEXT",
            help="Write no records, but a table: the perplexity of this text under models of the best shares, and of as much at random.",
        ),
    ] = None
    curve_shares: Annotated[
        str | None, Option(metavar="LIST", help="The shares in percent [default: 1,2,5,10,20,50,100].")
    ] = None
    curve_order: Annotated[
        int | None, Option(metavar="N", help="The order of these models [default: that of MODEL].", min=1)
    ] = None

    def plan(self) -> Plan:
        """What decides. UsageError for options that contradict each other, or would do nothing."""
        self.check_sides()
        if self.curve is None and (self.curve_shares is not None or self.curve_order is not None):
            raise UsageError("--curve-shares and --curve-order are for --curve.", "Name the held-out text with it.")
        self.check_without_records()
        plan = super().plan()
        return replace(plan, criteria=replace(plan.criteria, max_difference=self.max_difference))

    def check_without_records(self) -> None:
        """UsageError for what is said of records where none are written."""
        for option, names in (("curve", NOT_WITH_CURVE), ("thresholds_only", OF_RECORDS)):
            given = [name for name in names if getattr(self, name) not in (None, False)]
            if getattr(self, option) and given:
                wrote, said = (name.replace("_", "-") for name in (option, given[0]))
                raise UsageError(f"--{wrote} writes no records, and --{said} says something of them.", "Leave one out.")

    def check_sides(self) -> None:
        """UsageError for options of a second model, or of another side, that is not there."""
        if self.spell_unknown is not None and self.against is not None:
            raise UsageError(
                "--spell-unknown is for one model: under --against, the letters of unknown words would cost the same twice.",
                "Leave it out.",
            )
        if self.max_difference is not None and self.against is None:
            raise UsageError("--max-difference is of two models.", "Name the one of text in general with --against.")
        others = ("bitext_against", "bitext_file", "bitext_field", "bitext_output", "bitext_rejected")
        given = [f"--{name.replace('_', '-')}" for name in others if getattr(self, name) is not None]
        if self.bitext is None:
            if given:
                raise UsageError(f"{given[0]} is for --bitext, and there is none.", "Name the model of the other side.")
            return
        if self.against is None or self.bitext_against is None:
            raise UsageError(
                "--bitext needs four models: one of the domain and one of text in general, for each side.",
                "lmkit filter DOMAIN FILE --against GENERAL --bitext DOMAIN2 --bitext-against GENERAL2 ...",
            )
        if self.bitext_file is None and self.bitext_field is None:
            raise UsageError(
                "--bitext does not say where the other side is.",
                "Name its file with --bitext-file, or its field in the same records with --bitext-field.",
            )
        if self.bitext_file is None and (self.bitext_output or self.bitext_rejected):
            raise UsageError(f"{given[-1]} is for --bitext-file.", "Fields of the same records stay in them.")
        if self.sample is not None:
            raise UsageError("--sample is not for --bitext.", "Leave it out: all pairs are measured then.")
        writes = self.curve is None and not self.thresholds_only
        if self.bitext_file is not None and self.bitext_output is None and writes:
            raise UsageError("the other side of what is kept has no file.", "Name it with --bitext-output FILE.")

    def held_out(self, output: str | None) -> "TextFile | None":
        """The text that --curve is about. UsageError if there is a file for records besides."""
        from lmkit.text.sources.names import format_by_name

        if self.curve is not None and output is not None:
            raise UsageError("--curve writes a table to standard output, and no records to -o.", "Leave one out.")
        text = None if self.curve is None else self.text_read_twice("--curve", self.curve)
        if text is None:
            return None
        return replace(text, field=None) if format_by_name(text) == "text" else text

    def files_beside(self, model: str) -> list[str | None]:
        """All files that are read besides the records, as far as they are named."""
        beside = [self.against, self.bitext, self.bitext_against, self.curve, self.thresholds]
        return [model, self.spell_unknown, *beside]

    def other_texts(self) -> "list[TextFile] | None":
        """The texts of the other side, if they are files of their own."""
        if self.bitext_file is None:
            return None
        field = self.field if self.bitext_field is None else self.bitext_field
        return [replace(text, field=field) for text in self.texts(self.bitext_file)]
