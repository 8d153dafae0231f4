"""Workflows: rules beyond the audits of zizmor, which `make check` runs."""

import configparser
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    for path in (ROOT / ".github" / "workflows").glob("*.yml")
}
JOBS = {(workflow, name): job for workflow, jobs in WORKFLOWS.items() for name, job in jobs.items()}
STEPS = [step for job in JOBS.values() for step in job.get("steps", ())]


def test_jobs_read_the_repository_and_end_and_the_one_that_publishes_may_write():
    assert all(job["permissions"]["contents"] == "read" for job in JOBS.values())
    assert {name for name, job in JOBS.items() if "write" in job["permissions"].values()} == {("release", "publish")}
    assert all(0 < int(job["timeout-minutes"]) <= 120 for job in JOBS.values() if "uses" not in job)


def test_nothing_is_published_that_has_not_passed():
    assert WORKFLOWS["release"]["publish"]["needs"] == "ci"
    assert WORKFLOWS["release"]["ci"]["uses"] == "./.github/workflows/ci.yml"


def test_files_that_are_kept_for_readers_of_the_repository_have_no_rows_of_data():
    kept = [step["with"] for step in STEPS if step.get("uses", "").startswith("actions/upload-artifact@")]

    assert len(kept) == 1
    assert {"!artifacts/**/train*.csv", "!artifacts/**/test*.csv"} <= set(kept[0]["path"].split())
    assert int(kept[0]["retention-days"]) <= 7


def test_caches_are_keyed_by_a_lock_that_exists():
    locks = [step["with"]["cache-dependency-path"] for step in STEPS if step.get("with", {}).get("cache")]

    assert all(lock.startswith("requirements/") and (ROOT / lock).is_file() for lock in locks)


def test_the_oldest_python_that_is_supported_is_tested():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    tested = JOBS["ci", "test"]["strategy"]["matrix"]["python"]

    assert config["options"]["python_requires"] == f">={tested[0]}"
    assert tested == [f"3.{minor}" for minor in range(11, 11 + len(tested))]
