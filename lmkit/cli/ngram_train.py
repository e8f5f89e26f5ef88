"""lmkit ngram train"""

from lmkit.cli import options as shared
from lmkit.cli import rendering


@shared.grouped
def train(
    options: shared.Counting, files: shared.Files = None, order: shared.Order = 3, output: shared.Output = None
) -> None:
    """Count n-grams of orders 1 to N: a counts file, which is also their maximum-likelihood model.

    \b
    lmkit ngram train -n 5 corpus.txt.gz -o counts.safetensors
    cat corpus.txt | lmkit ngram train | lmkit smooth --kneser-ney | lmkit perplexity - test.txt

    Memory: about 50 bytes for each distinct n-gram of orders 1 to N; past --memory, the disk is used.
    """
    from lmkit.ngrams.counts import count_ngrams

    rendering.check_output(output)
    texts = shared.text_files(files)
    with rendering.progress(options.quiet, texts) as on_bytes:
        counts = count_ngrams(texts, order, **options.for_counting(), on_bytes=on_bytes)
    rendering.narrate(options.quiet, rendering.counts_in_words(counts))
    rendering.write_result(counts, output)
