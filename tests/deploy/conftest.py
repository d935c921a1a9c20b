"""Running programs in the root of the tree."""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).parent.parent.parent


@pytest.fixture
def root():
    """The root of the tree."""
    return ROOT


@pytest.fixture
def run():
    """Runs a program in the root of the tree and gives what it prints; fails if it fails."""

    def run(*command, env=None, fails=False):
        environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **(env or {})}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
        assert (done.returncode != 0) == fails, f"{command}: {done.stdout}\n{done.stderr}"
        return done.stderr if fails else done.stdout

    return run


@pytest.fixture
def settings_are_good(run):
    """Has the program read variables of an environment; fails if it does not know or take any of them."""

    def good(variables):
        return run(os.environ["PROGRAM"], "config", "show", env={name: str(value) for name, value in variables.items()})

    return good
