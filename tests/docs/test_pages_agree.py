"""What the pages list is what the library has."""

import re
from pathlib import Path

import pytest

import orm_testing
from orm_testing import errors
from orm_testing.capabilities import KNOWN
from orm_testing.filters import LOOKUPS

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
ROW = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)


def listed(page):
    """The first column of a page's tables."""
    return ROW.findall((REFERENCE / page).read_text(encoding="utf-8"))


def test_every_lookup_is_listed():
    """The table of lookups has each lookup once, in the library's order."""
    assert [name for name in listed("queries.md") if name in LOOKUPS] == list(LOOKUPS)


def test_every_capability_is_listed():
    """The table of capabilities has each capability once, and no other."""
    assert sorted(listed("capabilities.md")) == sorted(KNOWN)


def test_every_option_is_listed(pytestconfig):
    """The table of options has each option of the plugin, and no other."""
    group = pytestconfig._parser.getgroup("orm_testing")
    options = {name for option in group.options for name in option.names()}
    assert {name.split()[0] for name in listed("options.md") if name.startswith("--")} == options


def test_every_public_name_has_its_place():
    """Each public name is named on a page of the reference."""
    pages = "".join(page.read_text(encoding="utf-8") for page in REFERENCE.glob("*.md"))
    missing = [name for name in orm_testing.__all__ if not re.search(rf"\b{name}\b", pages)]
    assert not missing


def test_the_tree_of_errors_is_whole():
    """The tree on the page of errors has each error of the library."""
    page = (REFERENCE / "errors.md").read_text(encoding="utf-8")
    kinds = [
        value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)
    ]
    assert not [kind for kind in kinds if kind.__name__ not in page]


def test_the_driver_of_the_docs_is_the_one_of_the_examples():
    """The smallest driver stands in the docs as it stands in its example."""
    page = (ROOT / "docs" / "how-to" / "write-a-driver.md").read_text(encoding="utf-8")
    for name in ("shelf_driver.py", "conftest.py"):
        assert (ROOT / "examples" / "own_driver" / name).read_text(encoding="utf-8") in page


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_paths_that_are_named_exist(page):
    """A path that a page names is there."""
    text = (ROOT / page).read_text(encoding="utf-8")
    paths = re.findall(r"`((?:orm_testing|drivers|tests|docs|examples|scripts|benchmarks)/[\w./]*)`", text)
    missing = [path for path in paths if not (ROOT / path).exists()]
    assert not missing
