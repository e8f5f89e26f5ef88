"""What Arrow and the libraries under it say of stores, as they said it, and what people are told."""

import pyarrow as pa
import pytest

from lmkit.engine.remote.names import shown
from lmkit.engine.remote.store_errors import failed
from lmkit.text.sources.names import TextFile, format_by_name

NO_JAVA = "Unable to load libjvm\ndlopen(/usr/lib/jvm/default-java/libjvm.so) failed: cannot open shared object file: No such file"
NO_SERVER = (
    "When resolving region for bucket 'commoncrawl': AWS Error NETWORK_CONNECTION during HeadBucket operation: curlCode: 6, "
    "Could not resolve hostname; Details: Could not resolve host: commoncrawl.s3.us-east-1.amazonaws.com"
)
CUT = (
    "AWS Error NETWORK_CONNECTION during GetObject operation: curlCode: 18, Transferred a partial file; Details: end of response "
    "with 15777216 bytes missing"
)
BUSY = "When reading information for key 'x' in bucket 'b': AWS Error UNKNOWN (HTTP status 503) during HeadObject operation: No response body."
WHO = (
    "google::cloud::Status(UNAVAILABLE: Retry policy exhausted, with a last message of Could not create a OAuth2 access token to "
    "authenticate the request. The underlying error message was: PerformWork() - CURL error [6]=Could not resolve hostname)"
)
AZURE = (
    "Unknown error: Check for Hierarchical Namespace support on 'https://acc.blob.core.windows.net/c' failed: "
    "N5Azure4Core11Credentials23AuthenticationExceptionE: Failed to get token from DefaultAzureCredential.\nSee Azure::Core"
)
NAME = "Cannot parse URI: 's3://anne:geheim@b c' due to syntax error at character ' ' (position 10)"
OTHER = "Something odd at https://anne:geheim@host/x?sig=1234"


@pytest.mark.parametrize(
    ("name", "error", "told"),
    [
        ("hdfs://host:8020/x.txt", OSError(NO_JAVA), "HDFS needs Java and Hadoop's library, and they were not found."),
        ("s3://b/x.txt", OSError(NO_SERVER), "its store was not reached, or broke off (Could not resolve hostname)."),
        ("s3://b/x.txt", OSError(CUT), "its store was not reached, or broke off (Transferred a partial file)."),
        ("s3://b/x.txt", OSError(BUSY), "the store fails, or is too busy, and was asked many times."),
        ("gs://b/x.txt", OSError(WHO), "no credentials were found."),
        ("abfs://c@acc.dfs.core.windows.net/x.txt", pa.ArrowException(AZURE), "no credentials were found."),
        (
            "s3://anne:geheim@b/x.txt",
            pa.ArrowInvalid(NAME),
            "Arrow does not take this name of a bucket, or its options.",
        ),
        ("s3://b/x.txt", OSError(OTHER), "Something odd at https://host/x."),
    ],
)
def test_errors_of_stores_are_told_in_words_with_a_remedy_and_without_secrets(
    name: str, error: Exception, told: str
) -> None:
    message, remedy = str(failed(name, error)).split("\n")
    assert message == f"cannot read {shown(name)}: {told}"
    assert remedy
    assert "geheim" not in message + remedy


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("https://anne:geheim@host/a.jsonl.gz?X-Amz-Signature=1#x", "https://host/a.jsonl.gz"),
        ("https://token@host?x=/y", "https://host"),
        ("s3://KEY:SECRET@bucket/a.jsonl?region=x&endpoint_override=h:1", "s3://bucket/a.jsonl"),
        ("s3://bucket/part-?.jsonl", "s3://bucket/part-?.jsonl"),
        ("gs://anonymous@bucket/a.jsonl", "gs://anonymous@bucket/a.jsonl"),
        ("abfs://c:KEY@acc.dfs.core.windows.net/a.jsonl", "abfs://c@acc.dfs.core.windows.net/a.jsonl"),
        ("abfs://:KEY@acc.blob.core.windows.net/c/a.jsonl", "abfs://acc.blob.core.windows.net/c/a.jsonl"),
        ("hf://datasets/ann/texts@v1/a.jsonl", "hf://datasets/ann/texts@v1/a.jsonl"),
    ],
)
def test_names_are_shown_without_secrets_and_say_their_format(name: str, expected: str) -> None:
    assert shown(name) == expected
    if "jsonl" in name:
        assert format_by_name(TextFile(name)) == "jsonl"
