"""What holds for the workflows beyond what zizmor finds."""

import configparser
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
VERSIONED = re.compile(r"[\w.-]+/[\w.-]+@(v\d+|[0-9a-f]{40})")


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.stem)
def workflow(request):
    return yaml.safe_load(request.param.read_text(encoding="utf-8"))


def steps(workflow):
    return [step for job in workflow["jobs"].values() for step in job.get("steps", ())]


def test_a_workflow_may_do_nothing_and_each_job_says_what_it_may(workflow):
    assert workflow["permissions"] == {}
    assert all(job["permissions"]["contents"] == "read" for job in workflow["jobs"].values())


def test_only_the_job_that_publishes_may_write():
    writing = {
        (path.stem, name)
        for path in WORKFLOWS
        for name, job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].items()
        if "write" in job["permissions"].values()
    }

    assert writing == {("release", "publish")}


def test_every_job_ends_some_time(workflow):
    jobs = [job for job in workflow["jobs"].values() if "uses" not in job]

    assert all(0 < int(job["timeout-minutes"]) <= 120 for job in jobs)


def test_runs_of_one_branch_do_not_overlap(workflow):
    assert workflow["concurrency"]["group"]


def test_actions_of_others_are_named_by_version_or_commit(workflow):
    used = [step["uses"] for step in steps(workflow) if "uses" in step]

    assert used
    assert [name for name in used if not VERSIONED.fullmatch(name)] == []


def test_nothing_that_somebody_else_wrote_is_part_of_a_script(workflow):
    assert [step["run"] for step in steps(workflow) if "${{" in step.get("run", "")] == []


def test_no_step_leaves_its_token_in_the_checkout(workflow):
    checkouts = [step for step in steps(workflow) if step.get("uses", "").startswith("actions/checkout@")]

    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_files_that_are_kept_for_readers_of_the_repository_have_no_rows_of_data(workflow):
    kept = [step["with"] for step in steps(workflow) if step.get("uses", "").startswith("actions/upload-artifact@")]

    assert all({"!artifacts/**/train*.csv", "!artifacts/**/test*.csv"} <= set(one["path"].split()) for one in kept)
    assert all(int(one["retention-days"]) <= 7 for one in kept)


def test_caches_are_keyed_by_a_lock(workflow):
    keyed = [step["with"] for step in steps(workflow) if step.get("with", {}).get("cache")]

    assert all((ROOT / step["cache-dependency-path"]).parent.name == "requirements" for step in keyed)
    assert all((ROOT / step["cache-dependency-path"]).is_file() for step in keyed)


def test_the_oldest_python_that_is_supported_is_tested():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    ci = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    tested = ci["jobs"]["test"]["strategy"]["matrix"]["python"]

    assert config["options"]["python_requires"] == f">={tested[0]}"
    assert tested == [f"3.{minor}" for minor in range(11, 11 + len(tested))]


def test_nothing_is_published_that_has_not_passed():
    release = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8"))

    assert release["jobs"]["publish"]["needs"] == "ci"
    assert release["jobs"]["ci"]["uses"] == "./.github/workflows/ci.yml"
