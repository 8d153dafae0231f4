"""Object stores: file systems of S3, Google Cloud Storage and Azure, with the credentials of the environment."""

import os
from datetime import timedelta
from functools import lru_cache
from typing import Any

from pyarrow import fs

# Seconds of a connection that is not made, of a request without progress, and tries of a request that fails.
CONNECT_SECONDS, REQUEST_SECONDS, ATTEMPTS = 3, 10, 4


class StoreProblem(OSError):
    """A store that cannot be opened; the message is a sentence for a user."""


def object_store(scheme: str, bucket: str, account: str | None = None) -> fs.FileSystem:
    """Return the store of a bucket; no object is read.

    Parameters
    ----------
    scheme : {'s3', 'gs', 'abfs'}
    bucket : str
        A bucket, or a container of Azure.
    account : str, optional
        The storage account of Azure; by default the variable AZURE_STORAGE_ACCOUNT names it.

    Raises
    ------
    OSError
        If the region of a bucket of Amazon is not found, or if this installation lacks the store.
    """
    try:
        if scheme == "s3":
            endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
            region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
            return _s3(endpoint, region, None if endpoint or region else bucket)
        if scheme == "gs":
            return _google()
        return _azure(account or os.environ.get("AZURE_STORAGE_ACCOUNT"), os.environ.get("AZURE_STORAGE_KEY"))
    except ImportError:
        raise StoreProblem(
            f"the installed pyarrow has no support of {scheme}://; install another build of it"
        ) from None


@lru_cache
def _s3(endpoint: str | None, region: str | None, unlocated: str | None) -> fs.FileSystem:
    """Return a store of S3; the region of the bucket `unlocated` is looked up."""
    options: dict[str, Any] = {"endpoint_override": endpoint} if endpoint else {}
    return fs.S3FileSystem(
        region=fs.resolve_s3_region(unlocated) if unlocated else region,
        connect_timeout=CONNECT_SECONDS,
        request_timeout=REQUEST_SECONDS,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=ATTEMPTS),
        **options,
    )


@lru_cache
def _google() -> fs.FileSystem:
    return fs.GcsFileSystem(retry_time_limit=timedelta(seconds=REQUEST_SECONDS))


@lru_cache
def _azure(account: str | None, key: str | None) -> fs.FileSystem:
    if not account:
        raise StoreProblem("it names no storage account; set AZURE_STORAGE_ACCOUNT")
    return fs.AzureFileSystem(account, account_key=key)
