"""Every Python block of the README and the docs runs.

The blocks of a page are written, in order, into a project of the page's own: a block with a `title="conftest.py"`
into the file of that name, the others into one test file. All projects run in one pytest.
"""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(
    r"^```(?P<language>\w+)(?P<attributes>[^\n]*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)
TITLE = re.compile(r'title="([\w.]+)"')
LANGUAGES = {"python", "console", "text", "toml", "ini", "yaml"}
CONFIGURATION = "[pytest]\naddopts = --import-mode=importlib\nasyncio_default_fixture_loop_scope = function\n"
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


def named(page):
    """The page as tests and folders name it."""
    return re.sub(r"\W", "_", page.relative_to(ROOT).with_suffix("").as_posix())


def blocks(page, language="python"):
    """The blocks of a page in one language, each with its title."""
    for fence in FENCE.finditer(page.read_text(encoding="utf-8")):
        if fence["language"] == language:
            title = TITLE.search(fence["attributes"])
            yield title and title[1], fence["code"]


WITH_PYTHON = [page for page in PAGES if any(blocks(page))]


def write_project(page, folder):
    """Write a page's blocks into its folder; a page that says nothing to test is imported instead."""
    untitled = (
        f"test_{named(page)}.py" if "def test_" in "".join(code for _, code in blocks(page)) else "page.py"
    )
    folder.mkdir()
    for title, code in blocks(page):
        with (folder / (title or untitled)).open("a", encoding="utf-8") as file:
            file.write(code + "\n\n")
    if not list(folder.glob("test_*.py")):
        modules = sorted(path.stem for path in folder.glob("*.py"))
        imports = "".join(f"    runpy.run_path({str(folder / module)!r} + '.py')\n" for module in modules)
        test = f"import runpy\n\n\ndef test_import():\n{imports}"
        (folder / f"test_import_{named(page)}.py").write_text(test, encoding="utf-8")


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What became of the tests of each page, by the page's name, and what pytest printed."""
    root = tmp_path_factory.mktemp("pages")
    for page in WITH_PYTHON:
        write_project(page, root / named(page))
    folders = " ".join(named(page) for page in WITH_PYTHON)
    (root / "pytest.ini").write_text(CONFIGURATION + f"pythonpath = {folders}\n", encoding="utf-8")
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("ORM_", "PYTEST_"))
    }
    done = subprocess.run(
        [
            *(
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                "-W",
                "error",
                "--continue-on-collection-errors",
                "--snapshot-update",
            ),
            *("--junitxml=report.xml", "-o", "junit_family=xunit1"),
        ],
        cwd=root,
        env=environment
        | {"PYTHONDONTWRITEBYTECODE": "1", "HYPOTHESIS_STORAGE_DIRECTORY": str(root / "drawn")},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (root / "report.xml").exists(), done.stdout + done.stderr
    by_page = {named(page): [] for page in WITH_PYTHON}
    for case in ElementTree.parse(root / "report.xml").iter("testcase"):
        ended = next((child.tag for child in case if child.tag in {"failure", "error", "skipped"}), "passed")
        place = case.get("classname", "").split(".")[0]
        if place not in by_page:
            place = (case.get("file") or place + case.get("name", "")).split("/")[0]
        by_page.setdefault(place, []).append(ended)
    return by_page, done.stdout + done.stderr


@pytest.mark.parametrize("page", WITH_PYTHON, ids=named)
def test_the_blocks_of_a_page_run(outcomes, page):
    """The tests that a page shows pass, and a page with code shows at least one that runs."""
    by_page, output = outcomes
    ended = by_page[named(page)]
    assert "passed" in ended, output
    assert not {"failure", "error"} & set(ended), output


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_block_goes_unseen(page):
    """Every fence stands at the margin and names a language that these tests know."""
    text = page.read_text(encoding="utf-8")
    fences = list(FENCE.finditer(text))
    assert {fence["language"] for fence in fences} <= LANGUAGES
    assert text.count("```") == 2 * len(fences)


@pytest.mark.parametrize("page", [page for page in PAGES if list(blocks(page, "toml"))], ids=named)
def test_configuration_is_well_formed(page):
    """A block of TOML is TOML."""
    for _, code in blocks(page, "toml"):
        assert tomllib.loads(code)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page):
    """A link to a file of this project leads to one that is there."""
    for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        assert (page.parent / link).exists(), f"{page.name} links to {link}"
