"""A short run of the fuzzer. `python tests/fuzz.py --seconds 600` looks longer."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.fuzz import SUFFIXES

needs_atheris = pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed here")


@pytest.mark.parametrize("by", ["chance", pytest.param("atheris", marks=needs_atheris)])
def test_nothing_crashes_in_some_seconds(tmp_path: Path, by: str) -> None:
    command = [sys.executable, str(PROJECT / "tests" / "fuzz.py"), "--seconds", "9", "--by", by]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=240)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["kind"], one["by"], one["crash"]) for one in told] == [(kind, by, None) for kind in SUFFIXES], done.stderr
    assert all(one["tried"] > 20 for one in told)
    assert done.returncode == 0
