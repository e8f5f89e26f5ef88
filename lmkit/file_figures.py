"""What is in a file that lmkit knows, whatever it is, as figures: each family tells its own (`Family.describe`)."""

from typing import Any, cast

from lmkit.engine.shards.places import is_folder_of_shards
from lmkit.engine.shards.reading import manifest_of
from lmkit.families import family_of
from lmkit.storage import load_and_form
from lmkit.text.reading import EncodingErrors
from lmkit.text.sources.names import Place, TextFile, file_bytes
from lmkit.text.tokens.subwords.tokenizer import holds_tokenizer, read_tokenizer


def describe_file(path: Place, encoding_errors: EncodingErrors = None) -> dict[str, Any]:
    """The format, the size in bytes and the figures of counts, a model of any family, a recipe, word vectors or a tokenizer; JSON values only.

    encoding_errors: see `lmkit.load_vectors`. DataError for a file that is none of these, is damaged or cut short.
    """
    if holds_tokenizer(path):
        found = read_tokenizer(path)
        return described(path, "tokenizer", found.about)
    value, form = load_and_form(path, encoding_errors=encoding_errors)
    return described(path, form, family_of(value).describe(value))


def described(path: Place, form: str, figures: dict[str, Any]) -> dict[str, Any]:
    """The figures of a file after its format and, of what is a file or shards, its size."""
    if is_folder_of_shards(path):
        manifest = manifest_of(cast(str, path))
        return {"format": form, "bytes": manifest.size, "shards": len(manifest.shards)} | figures
    size = file_bytes(TextFile(path))
    return {"format": form} | ({} if size is None else {"bytes": size}) | figures
