"""The ledger: what an entry is about, and what is wrong with one."""

import pytest

from orm_testing import ConfigurationError, InMemoryDriver, NotFoundError, VerificationError, known_failure
from orm_testing.ledger import KnownFailure, ledgers, read

ENTRY = {
    "test": "Create::test_x",
    "product": "FerretDB",
    "kind": "ours",
    "raises": "NotFoundError",
    "reason": "why",
}


def entry(**changes):
    return KnownFailure(**(ENTRY | changes))


@pytest.mark.parametrize(
    ("pattern", "test", "about"),
    [
        ("Create::test_x", "Create::test_x", True),
        ("Create::test_x", "Create::test_xy", False),
        ("Create::test_x*", "Create::test_xy", True),
        ("*::test_x[*-nan]", "Values::test_x[float-nan]", True),
        ("*::test_x[*-nan]", "Values::test_x[float-nano]", False),
        ("Create::test_x[a]", "Create::test_xa", False),
        ("Create::test_x[\n*]", "Create::test_x[\n\n]", True),
    ],
)
def test_a_star_alone_stands_for_anything(pattern, test, about):
    """Brackets of parameters are brackets, and a pattern is about the whole of a name."""
    assert entry(test=pattern).is_of(test) is about


@pytest.mark.parametrize(
    ("changes", "fingerprint", "on"),
    [
        ({}, "FerretDB v1.24.0", True),
        ({}, "mongomock 4.3.0 in process", False),
        ({"product": ""}, "mongomock 4.3.0 in process", True),
        ({"versions": "<1.24"}, "FerretDB v1.24.0", False),
        ({"versions": ">=1.24,<2"}, "FerretDB v1.24.0", True),
        ({"versions": ">=1.24,<2"}, "FerretDB v2.0.0-rc.1", False),
        ({"versions": ">=1"}, "FerretDB", False),
        (
            {"product": "DynamoDB Local", "versions": ">=12"},
            "DynamoDB Local on Jetty(12.0.14)",
            True,
        ),
    ],
)
def test_an_entry_is_about_a_product_in_a_version(changes, fingerprint, on):
    """The fingerprint says which product it is, and of which version."""
    assert entry(**changes).is_on(fingerprint) is on


@pytest.mark.parametrize(
    ("raises", "error", "met"),
    [
        ("NotFoundError", NotFoundError(), True),
        ("LookupError", KeyError(), True),
        ("AssertionError", VerificationError(), True),
        ("VerificationError", AssertionError(), False),
        ("NotFoundError", KeyError(), False),
    ],
)
def test_an_entry_expects_one_error(raises, error, met):
    """It is met by an error of the class that it names, or of one that derives from it."""
    assert entry(raises=raises).is_met_by(error) is met


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"kind": "mine"}, "one of ours, upstream, never, not 'mine'"),
        ({"raises": "Exception"}, "would take any failure"),
        ({"raises": "OperationError"}, "would take any failure"),
        ({"reason": " "}, "has to say its reason"),
        ({"versions": "newer"}, "not a range of versions"),
        ({"versions": "<2", "product": ""}, "name it"),
        ({"link": 3}, "link of a known failure is text, not 3"),
    ],
)
def test_a_wrong_entry_is_refused(changes, says):
    """Nothing in an entry may be taken for something else."""
    with pytest.raises(ConfigurationError, match=says):
        entry(**changes)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[known_failure", "is not TOML"),
        ("[known_failure]\ntest = 1", r"holds tables \[\[known_failure\]\] and nothing else"),
        ("[[known_failures]]", "and nothing else"),
        ("known_failure = [1]", "and nothing else"),
        ('[[known_failure]]\ntset = "x"', "entry 1: 'tset' is no part of an entry. Did you mean 'test'?"),
        ('[[known_failure]]\ntest = "x"', "entry 1: it has to say its product, kind, raises, reason"),
        (
            '[[known_failure]]\ntest = "x"\nproduct = "P"\nkind = "x"\nraises = "E"\nreason = "r"',
            "entry 1: the kind of",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(tmp_path, text, says):
    """The message names the file and the entry."""
    path = tmp_path / "known_failures.toml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=says) as caught:
        read(path)
    assert str(path) in str(caught.value)


def test_a_ledger_stands_beside_the_module_of_the_driver(tmp_path, monkeypatch):
    """A driver has the ledger beside its own module, and those beside the classes that it derives from."""
    assert ledgers(InMemoryDriver) == []
    for folder, text in (
        ("one", "from orm_testing import *\nclass One(InMemoryDriver): pass"),
        ("two", "from one.one import One\nclass Two(One): pass"),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{folder}.py").write_text(text)
        (tmp_path / folder / "known_failures.toml").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    from two.two import Two

    assert ledgers(Two) == [
        tmp_path / "two" / "known_failures.toml",
        tmp_path / "one" / "known_failures.toml",
    ]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"raises": Exception}, "would take any failure"),
        ({"kind": "yours"}, "one of ours, upstream, never"),
    ],
)
def test_a_wrong_decorator_is_refused(options, says):
    """What a file may not say, a decorator may not say."""
    with pytest.raises(ConfigurationError, match=says):
        known_failure("sqlite", **({"kind": "ours", "raises": NotFoundError, "reason": "why"} | options))
