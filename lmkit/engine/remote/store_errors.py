"""What goes wrong with object stores, in words that help: Arrow and the libraries under it say it in many ways."""

import re

from lmkit.engine.remote.names import SCHEME, NotThereError, shown
from lmkit.errors import DataError

CREDENTIALS = {
    "s3": "Credentials are taken from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, ~/.aws, or the role of the machine; "
    "AWS_ENDPOINT_URL names another server than Amazon's.",
    "gs": "Credentials are taken from GOOGLE_APPLICATION_CREDENTIALS, or `gcloud auth application-default login`; "
    "a public bucket is gs://anonymous@BUCKET/.",
    "abfs": "Credentials are taken from AZURE_CLIENT_ID and its like, or `az login`; an account's key is that of "
    "abfs://:KEY@ACCOUNT.blob.core.windows.net/CONTAINER/.",
    "hdfs": "Log in with kinit, or set HADOOP_USER_NAME.",
}
SAME = {"gcs": "gs", "abfss": "abfs", "viewfs": "hdfs"}
REFUSED = re.compile(
    r"ACCESS_DENIED|ACCESS DENIED|AccessDenied|\b40[13]\b|INVALID_ACCESS_KEY|InvalidAccessKey|SIGNATURE_DOES_NOT_MATCH|SignatureDoesNotMatch"
    r"|TOKEN|ExpiredToken|UNAUTHENTICATED|PERMISSION_DENIED|AuthenticationException|UNRECOGNIZED_CLIENT|AuthorizationFailure"
    r"|Permission denied|INVALID_CLIENT",
)
UNKNOWN = re.compile(r"OAuth2|DefaultAzureCredential")  # who asks
NO_JAVA = re.compile(r"libjvm|libhdfs|CLASSPATH|JAVA_HOME", re.IGNORECASE)
NO_BUCKET = re.compile(r"NO_SUCH_BUCKET|NoSuchBucket|Bucket '[^']*' not found|ContainerNotFound")
TLS = re.compile(r"certificate|SSL|TLS")
NETWORK = re.compile(
    r"NETWORK_CONNECTION|curlCode|CURL error|UNAVAILABLE|resolve host|Connection refused|timed? ?out", re.IGNORECASE
)
CURL = re.compile(r"(?:curlCode: \d+, |CURL error \[\d+\]=)([A-Z][\w ']*[\w'])")
BUSY = re.compile(r"SLOW_DOWN|HTTP status 5\d\d|SERVICE_UNAVAILABLE|INTERNAL_FAILURE|status 429")


def failed(name: str, error: Exception, doing: str = "read") -> Exception:
    """The error for what Arrow could not do with a file; what is not there, and is to be read, stays FileNotFoundError."""
    if isinstance(error, FileNotFoundError) and doing == "read":
        return error
    found = SCHEME.match(name)
    scheme = found[1].lower() if found else ""
    kind = SAME.get(scheme, scheme)
    text, start = str(error), f"cannot {doing} {shown(name)}"
    if (
        "query parameter" in text or "parse URI" in text or "in S3 URI" in text
    ):  # these quote the name, with what is secret in it
        return DataError(
            f"{start}: Arrow does not take this name of a bucket, or its options.",
            "Write SCHEME://BUCKET/FILE; options after ? are those of pyarrow.fs, such as ?region=eu-west-3.",
        )
    if NO_JAVA.search(text):
        return DataError(
            f"{start}: HDFS needs Java and Hadoop's library, and they were not found.",
            "Set JAVA_HOME, HADOOP_HOME, and CLASSPATH to what `hadoop classpath --glob` prints.",
        )
    if NO_BUCKET.search(text):
        return no_bucket(name, "", doing)
    if UNKNOWN.search(text):
        return DataError(f"{start}: no credentials were found.", CREDENTIALS.get(kind, ""))
    if NETWORK.search(text):
        curl = CURL.search(text)
        reason = f" ({curl[1]})" if curl else ""
        if TLS.search(text):
            return DataError(
                f"{start}: the server's certificate is not trusted, or it does not answer in TLS{reason}.",
                "Name a file of certificates in the variable SSL_CERT_FILE, or the right endpoint.",
            )
        return DataError(
            f"{start}: its store was not reached, or broke off{reason}.",
            f"Check the network and the name of the server, and try again. {CREDENTIALS.get(kind, '')}".strip(),
        )
    if REFUSED.search(text):
        return DataError(f"{start}: the store does not let you.", CREDENTIALS.get(kind, ""))
    if BUSY.search(text):
        return DataError(f"{start}: the store fails, or is too busy, and was asked many times.", "Try again later.")
    return DataError(f"{start}: {without_secrets(text)}.", "Check the name of the bucket and of the file.")


def without_secrets(text: str) -> str:
    """The first line of a message without what could be secret in addresses."""
    line = text.partition("\n")[0]
    return re.sub(r"\?\S+", "", re.sub(r"//[^/\s@]*@", "//", line)).rstrip(". ")


def missing(name: str) -> NotThereError:
    """The error for a file that is not there."""
    return NotThereError(
        f"cannot read {shown(name)}: there is no such file in the store.",
        "Check its name: a folder ends in /, and ** in a pattern stands for folders at any depth.",
    )


def no_bucket(name: str, bucket: str = "", doing: str = "read") -> DataError:
    """The error for a bucket that is not there."""
    called = f" {bucket}" if bucket else " of this name"
    remedy = "Check its name, or make it first; AWS_ENDPOINT_URL names another server than Amazon's."
    if not name.lower().startswith("s3"):
        remedy = "Check its name, or make it first."
    return DataError(f"cannot {doing} {shown(name)}: there is no bucket{called}.", remedy)
