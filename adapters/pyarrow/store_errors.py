"""Store errors: sentences about failures of object stores, without the texts of libraries, which may hold secrets."""

import re

from adapters.pyarrow.object_stores import StoreProblem

# Texts by which the libraries of the stores are recognized, and where each finds its credentials.
_STORES = (
    (r"AWS Error |Bucket .[^']*. not found", "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"),
    (r"google::cloud::", "GOOGLE_APPLICATION_CREDENTIALS"),
    (
        r"Azure::|\dAzure\d|https://[\w-]+\.(blob|dfs)\.",
        "AZURE_STORAGE_KEY, or AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET",
    ),
)
# Parts of the libraries' texts, the first that is found decides.
_REASONS = (
    (r"NO_SUCH_BUCKET|Bucket '.*' not found|ContainerNotFound", "no such bucket"),
    (r"not a valid URI", "the variable AWS_ENDPOINT_URL is no address; write it as http://HOST:PORT or https://HOST"),
    (r"HTTP status 30\d", "the bucket is in another region; set AWS_REGION"),
    (
        r"(?i)access.?denied|invalid.?access|signature|(expired|invalid).?token|permission.?denied|unauthenticated|"
        r"authenti|oauth2|status 40[13]",
        "the object store denies access; set {credentials}, and check what they permit",
    ),
    (
        r"(?i)network.?connection|unavailable|curl|could ?n.t (resolve|connect)|timed? ?out|transport",
        "the object store does not answer; check the network{endpoint}",
    ),
    (r"(?i)slow.?down|throttl|status 5\d\d|internal.?(error|failure)", "the object store fails; try again later"),
)
_ENDPOINT = " and AWS_ENDPOINT_URL, which begins with http:// or https://"


def store_failure(error: Exception) -> str | None:
    """Return a sentence on the failure of an object store, None if the error does not come from one."""
    text = str(error)
    if isinstance(error, StoreProblem):
        return text
    for store, credentials in _STORES:
        if re.search(store, text):
            endpoint = _ENDPOINT if "AWS" in credentials else ""
            sentences = (sentence for pattern, sentence in _REASONS if re.search(pattern, text))
            found = next(sentences, "the object store refuses the request; check the place and the permissions")
            return found.format(credentials=credentials, endpoint=endpoint)
    return None
