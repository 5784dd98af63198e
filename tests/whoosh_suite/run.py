"""Whoosh's own tests, run with our codec as the default one: ``make whoosh-suite``.

The source distribution of the installed version is downloaded by pip into a temporary folder, or
taken from ``WHOOSH_SDIST=path``. What passed and failed is printed by file; the status is 1 where
the failures are not those of the table in ``expected.py``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

from expected import FAILURES, FILES, TESTS

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PACKAGE = "whoosh3"


def download(folder: Path) -> Path:
    """Give the path of the source distribution; pip says what went wrong if it cannot."""
    given = os.environ.get("WHOOSH_SDIST")
    if given:
        return Path(given)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    options = ["--no-deps", "--no-binary", PACKAGE, "--dest", str(folder)]
    subprocess.run([*pip, *options, f"{PACKAGE}=={version(PACKAGE)}"], check=True)
    return next(folder.glob("*.tar.gz"))


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack the tests; raises SystemExit where the version is not the installed one."""
    top = f"{PACKAGE}-{version(PACKAGE)}"
    with tarfile.open(archive) as tar:
        names = [name for name in tar.getnames() if name.startswith(f"{top}/tests/")]
        if not names:
            raise SystemExit(f"{archive.name} has no {top}/tests: give the sdist of {top}")
        tar.extractall(folder, [tar.getmember(name) for name in names], filter="data")
    return folder / top / "tests"


def run(tests: Path, report: Path) -> None:
    """Run the files with pytest, under no configuration but ours."""
    settings = report.with_suffix(".ini")
    settings.write_text("[pytest]\n")
    paths = os.pathsep.join((str(ROOT), str(HERE)))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "ours_as_default", "-c", str(settings)]
    options = ["-p", "no:cacheprovider", "--tb=line", "--rootdir", ".", f"--junitxml={report}"]
    environment = {**os.environ, "PYTHONPATH": paths}
    subprocess.run([*command, *options, *FILES], cwd=tests, env=environment, check=False)


def outcomes(report: Path) -> dict[str, str]:
    """Read how each test ended: passed, failed or skipped."""
    ends = {"failure": "failed", "error": "failed", "skipped": "skipped"}
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):
        file = str(case.get("classname")).split(".")[0]
        marks = [ends[child.tag] for child in case if child.tag in ends]
        found[f"{file}.py::{case.get('name')}"] = marks[0] if marks else "passed"
    return found


def tell(found: dict[str, str]) -> bool:
    """Print the table; tell whether all is as expected."""
    counts = Counter((name.split("::")[0], end) for name, end in found.items())
    print(f"{'file':20} passed failed skipped")
    for file in FILES:
        row = [counts[file, end] for end in ("passed", "failed", "skipped")]
        print(f"{file:20} {row[0]:6} {row[1]:6} {row[2]:7}")
    failed = {name for name, end in found.items() if end == "failed"}
    print(f"{len(found)} tests, {len(failed)} failed, {len(FAILURES)} expected to fail:")
    for name, reason in FAILURES.items():
        print(f"  {name}: {reason}" + ("" if name in failed else " — BUT IT DID NOT FAIL"))
    for name in sorted(failed - set(FAILURES)):
        print(f"  NOT EXPECTED TO FAIL: {name}")
    return failed == set(FAILURES) and len(found) == TESTS


def main() -> int:
    """Run the suite; gives the status."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tests = unpack(download(folder), folder)
        report = folder / "report.xml"
        run(tests, report)
        return 0 if tell(outcomes(report)) else 1


if __name__ == "__main__":
    sys.exit(main())
