"""The short form of each proof that times nothing, by the command that runs the long one. docs/proof.md has the long form's results."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import PROJECT

NAMES = ("kill", "syscalls", "power", "flip", "tamper", "twenty", "full")


@pytest.fixture(scope="module")
def proved() -> dict[str, dict[str, Any]]:
    """What each proof came to, by name."""
    if os.name == "nt":
        pytest.skip("runs are forked, which Windows cannot")
    command = [sys.executable, "-m", "benchmarks.proof", "--short", "--only", ",".join(NAMES)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(lines) == len(NAMES), done.stderr
    return {line["name"]: line for line in lines}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_promised_holds(proved: dict[str, dict[str, Any]], name: str) -> None:
    if proved[name]["met"] is None:
        pytest.skip(proved[name]["measured"])
    assert proved[name]["met"], proved[name]
