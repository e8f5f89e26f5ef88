"""lmkit classify"""

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lmkit.cli.command import command
from lmkit.cli.options import groups as shared
from lmkit.cli.options.classifying import Classifying, Inputs, models_and_files
from lmkit.cli.options.output_format import RecordsOutput
from lmkit.cli.options.printed_form import As, Form, form_of
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress
from lmkit.cli.output.record_files import check_places, open_output
from lmkit.cli.output.record_rows import RecordRows
from lmkit.cli.output.small_tables import row_writer
from lmkit.cli.output.standard import while_read

if TYPE_CHECKING:
    from lmkit.scoring.classifying.classification import ClassifiedRecords, Classifier
    from lmkit.scoring.classifying.confusion import Confusion
    from lmkit.text.records.outputs import RecordFile
    from lmkit.text.sources.names import TextFile


@command(short="Find the most probable of several classes for each record.", after="filter", topic="Filter")
def classify(
    options: Classifying,
    inputs: Inputs,
    output: RecordsOutput = None,
    json: shared.JsonOption = False,
    as_: As = None,
) -> None:
    """Find the most probable of several models for each record: languages, kinds or sources of text.

    \b
    lmkit classify fr.safetensors en.safetensors ee.safetensors corpus.txt
    lmkit classify models/*.arpa.gz pages.jsonl --append -o labelled.jsonl
    lmkit classify french=a.arpa english=b.arpa lines.csv --label language --json
    zcat lines.gz | lmkit classify fr.safetensors en.safetensors --prior fr=0.9,en=0.1

    A class is called as its model. The posterior is prior x probability of the whole record, sentence ends included, shared out among
    the classes. The models have to be of the same unit, best characters or bytes, and read text in the same way. Records without text,
    and those for which two classes are equally probable, get no class.

    Memory: the models, and some 200 MB for the text.
    """
    from lmkit.text.records.outputs import RecordFile

    form = form_of(as_, json=json)
    options.check(output)
    models, files = models_and_files(inputs)
    texts = options.texts(files)
    file = RecordFile.named("-" if output is None else output) if options.append else None
    check_places([file] if file else [], texts, models.values())
    rows = (
        None
        if file or options.label is not None
        else RecordRows(id_field=options.id, with_file=len(texts) > 1, form=form)
    )
    on_stdout = rows is None and (file is None or file.path != "-")
    classifier = classifier_of(models, options)
    with progress(options.quiet, texts, "classifying"):
        tally = written(classifier, texts, options, file, rows)
    tell(tally, classifier, options, form=form, on_stdout=on_stdout)


def classifier_of(models: dict[str, str], options: Classifying) -> "Classifier":
    """The models of the files. UsageError or DataError for those that cannot be compared."""
    from lmkit.scoring.classifying.classification import Classifier, checked_priors, same_settings, settings_of
    from lmkit.storage import load_scoring

    checked_priors(tuple(models), options.priors())  # before any work is done
    loaded = {name: load_scoring(path) for name, path in models.items()}
    settings = same_settings({name: options.settings(own) for name, own in settings_of(loaded).items()})
    return Classifier(loaded, options.priors(), settings)


@dataclass
class Tally:
    """What was found."""

    classes: Counter[str | None]  # records by class; None: without one
    confusion: "Confusion"


def written(
    classifier: "Classifier",
    texts: "list[TextFile]",
    options: Classifying,
    file: "RecordFile | None",
    rows: RecordRows | None,
) -> Tally:
    """Write each record, or a row for it, if there is a place for it; what was found."""
    from lmkit.scoring.classifying.classification import map_classified
    from lmkit.scoring.classifying.confusion import Confusion
    from lmkit.text.records.block import BAD
    from lmkit.text.records.outputs import RecordOutput, Rendered

    def rendered(found: "ClassifiedRecords") -> "tuple[ClassifiedRecords, Rendered | None]":
        kept = found.block.kinds != BAD
        return found, file.render(found.block, kept, found.added(options.prefix)) if file else None

    tally = Tally(Counter(), Confusion(classifier.names))
    blocks = map_classified(
        classifier, texts, rendered, reading=options.reading(), resources=shared.resources(options.workers)
    )
    prints_only = options.label is None and (file is None or file.path == "-")
    with ExitStack() as opened:
        stream = opened.enter_context(open_output(file.path)) if file else None
        target = opened.enter_context(RecordOutput(file, stream)) if file and stream else None
        for found, piece in while_read(blocks) if prints_only else blocks:
            tally.classes.update(found.of_records(found.classes))
            if options.label is not None:
                labels = map(label_of, found.block.records.values(options.label))
                tally.confusion.add(found.of_records(list(labels)), found.of_records(found.classes))
            if target and piece:
                target.write(piece)
            elif rows:
                rows.write(found.block, found.shown())
    if rows:
        rows.end()
    return tally


def label_of(value: Any) -> str | None:
    """A value as a label; None where there is none."""
    from lmkit.text.records.conversion import cell_of

    return cell_of(value) or None


def tell(tally: Tally, classifier: "Classifier", options: Classifying, *, form: Form, on_stdout: bool) -> None:
    """What was found, in words or, where standard output has place for it, as JSON; and the confusion table, if there are labels."""
    labelled = options.label is not None
    if form == "json" and (labelled or options.append):
        rendering.write_json(summary(tally, classifier, labelled=labelled), on_stdout=on_stdout)
        return
    listed = ", ".join(f"{name} {tally.classes[name]:,}" for name in classifier.names)
    without = f"; without a class: {tally.classes[None]:,}" if tally.classes[None] else ""
    rendering.narrate(options.quiet, f"{tally.classes.total():,} records: {listed}{without}")
    if labelled:
        show_confusion(tally.confusion, options.quiet, form if on_stdout else None)


def summary(tally: Tally, classifier: "Classifier", *, labelled: bool) -> dict[str, Any]:
    """What was found, as JSON values."""
    return {
        "records": tally.classes.total(),
        "classes": {name: tally.classes[name] for name in classifier.names},
        "without_class": tally.classes[None],
        **({"labels": tally.confusion.as_dict()} if labelled else {}),
        "priors": dict(zip(classifier.names, classifier.priors, strict=True)),
        "signatures": classifier.signatures,
    }


def show_confusion(confusion: "Confusion", quiet: bool, form: Form | None) -> None:
    """The table: labels are rows, classes that were found columns."""
    for label, number in confusion.unknown_labels.items():
        rendering.narrate(quiet, f"{number:,} records are labelled {label}, which is no class.")
    if confusion.without_label:
        rendering.narrate(quiet, f"{confusion.without_label:,} records have no label, and are left out.")
    header, *rows = confusion_rows(confusion)
    with row_writer(form or "plain", header, rendering.tell if form is None else rendering.write_line) as table:
        for row in rows:
            table.write(row, is_fact=row[0] == "accuracy")


def confusion_rows(confusion: "Confusion") -> list[list[Any]]:
    """A header, a row for each label, the precision of each class, the accuracy."""
    names = confusion.columns
    table = [
        [
            label,
            *(confusion.counts[label, name] for name in names),
            confusion.recall(label),
        ]
        for label in confusion.labels
    ]
    precisions = map(confusion.precision, confusion.classes)
    rows: list[list[Any]] = [["label", *map(confusion.column_name, names), "recall"], *table]
    rows += [["precision", *precisions], ["accuracy", confusion.accuracy]]
    return [row + [None] * (len(rows[0]) - len(row)) for row in rows]
