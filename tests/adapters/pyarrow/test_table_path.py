"""Table paths: what a text means, which texts are refused, and the sentences on failures of stores."""

import os
import pickle

import pytest
from pyarrow import fs

from adapters.pyarrow import object_stores
from adapters.pyarrow.object_stores import StoreProblem
from adapters.pyarrow.store_errors import store_failure
from adapters.pyarrow.table_path import TablePath
from domain.errors import InvalidParameter


def test_text_names_bucket_key_and_suffix_of_an_object_or_a_local_path():
    for text, is_remote, pure, bucket in (
        ("s3://b", True, "b", "s3://b"),
        ("s3://b/year=2024/t.csv", True, "b/year=2024/t.csv", "s3://b"),
        ("gs://b/a@c:1/*.pq", True, "b/a@c:1/*.pq", "gs://b"),
        ("abfs://c/t.csv", True, "c/t.csv", "abfs://c"),
        ("abfs://c@account.dfs.core.windows.net/t.csv", True, "c/t.csv", "abfs://c@account.dfs.core.windows.net"),
        ("data/t.csv", False, "data/t.csv", "data/t.csv"),
    ):
        path = TablePath(text)

        assert (path.is_remote, str(path.pure), str(path.bucket), str(path)) == (is_remote, pure, bucket, text)
        assert pickle.loads(pickle.dumps(path)) == path  # noqa: S301  # made here
    assert str(TablePath("s3://b/").joined("t.csv")) == "s3://b/t.csv"


def test_paths_are_sorted_by_their_names_as_files_of_a_disk_are():
    texts = ["s3://b/a/z.csv", "s3://b/a-b/c.csv"]

    assert [str(path) for path in sorted(map(TablePath, texts))] == texts


def test_credentials_and_other_schemes_are_refused_and_not_repeated():
    for text, why in (
        ("s3://AKIAKEY:pass/word@b/t.csv", "without credentials"),
        ("s3://AKIAKEY@b/t.csv", "without credentials"),
        ("abfs://c:password@account/t.csv", "without credentials"),
        ("s3://b/t.csv?secret_key=password", "without credentials"),
        ("s3a://b/t.csv", "begin with s3://BUCKET"),
        ("https://user:password@host/t.csv", "begin with s3://BUCKET"),
        ("s3://", "begin with s3://BUCKET"),
    ):
        with pytest.raises(InvalidParameter, match=why) as caught:
            TablePath(text)
        assert f"place is '{text.partition('://')[0]}://…'" in str(caught.value)
        assert not any(secret in str(caught.value) for secret in ("pass", "AKIAKEY"))


def test_stamp_of_a_file_changes_with_its_content(tmp_path):
    (tmp_path / "t.csv").write_text("a,y\n")
    path = TablePath(str(tmp_path / "t.csv"))
    before = path.stamp()

    os.utime(path.text, ns=(0, 0))

    assert (before[0], before == path.stamp()) == (4, False)


def test_store_that_the_installation_lacks_and_missing_account_are_named(monkeypatch):
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT", raising=False)
    with pytest.raises(StoreProblem, match="AZURE_STORAGE_ACCOUNT"):
        TablePath("abfs://c/t.csv").info()

    def missing(**_):
        raise ImportError

    monkeypatch.setattr(fs, "GcsFileSystem", missing)
    object_stores._google.cache_clear()
    with pytest.raises(StoreProblem, match="no support of gs://"):
        TablePath("gs://b/t.csv").info()


def test_texts_of_libraries_become_sentences_with_a_remedy():
    aws = "When reading key 'k' in bucket 'b': AWS Error {} during GetObject operation: password"
    for text, sentence in (
        (aws.format("ACCESS_DENIED"), "denies access; set AWS_ACCESS_KEY_ID"),
        (aws.format("INVALID_ACCESS_KEY_ID"), "denies access"),
        (aws.format("SIGNATURE_DOES_NOT_MATCH"), "denies access"),
        (aws.format("UNKNOWN (HTTP status 400)"), "refuses the request"),
        (aws.format("UNKNOWN (HTTP status 301)"), "set AWS_REGION"),
        (aws.format("NO_SUCH_BUCKET"), "no such bucket"),
        (aws.format("SLOW_DOWN"), "try again later"),
        (aws.format("NETWORK_CONNECTION"), "does not answer; check the network and AWS_ENDPOINT_URL"),
        ("Bucket 'b' not found", "no such bucket"),
        ("google::cloud::Status(UNAVAILABLE: no OAuth2 access token password", "set GOOGLE_APPLICATION_CREDENTIALS"),
        ("google::cloud::Status(UNAVAILABLE: CURL error [7] password", "does not answer; check the network"),
        ("https://a.blob.core.windows.net/b failed: N5Azure4Core11Credentials23AuthenticationE", "AZURE_STORAGE_KEY"),
    ):
        found = store_failure(OSError(text))

        assert found is not None
        assert (sentence in found, "password" in found) == (True, False), found
    assert store_failure(OSError("Corrupt snappy compressed data.")) is None
