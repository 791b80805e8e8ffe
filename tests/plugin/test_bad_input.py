"""What is wrong is said in words that say what to write, before anything is half-written."""

import pytest

CLASS = """
class TestUsers(MultiBackendTestBase):
    ENABLED_BACKENDS = ["inmemory", "sqlite", "sqlite_file"]
    def get_test_models(self):
        return [User]
"""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "orm.create_and_verify(User, id='u1', emial='a')",
            "*User has no field 'emial'. Did you mean 'email'?*",
        ),
        (
            "orm.update_and_verify(orm.create_and_verify(User, **ALICE), nmae='b')",
            "*User has no field 'nmae'. Did you mean 'name'?*",
        ),
        (
            "orm.query_and_verify_count(User, 0, age__gt3=3)",
            "*age__gt3: 'gt3' is not a lookup. Did you mean 'gt'?*",
        ),
        ("orm.query_and_verify_count(User, 0, aeg=3)", "*User has no field 'aeg'. Did you mean 'age'?*"),
        (
            "orm.query_and_verify_count(User, 0, order_by='aeg')",
            "*User has no field 'aeg'. Did you mean 'age'?*",
        ),
        (
            "orm.create_and_verify(User, id='u1', email='a', age='old')",
            "*User refuses the data: age: Input should be a valid integer*",
        ),
        (
            "orm.create_and_verify(User, id='u1', email='a', age=-1)",
            "*age: Input should be greater than or equal to 0*",
        ),
        ("orm.create_and_verify(User, id='u1')", "*User refuses the data: email: Field required*"),
        (
            "orm.create_and_verify(User, **ALICE); orm.create_and_verify(User, **ALICE)",
            "*DuplicateKeyError: *id='u1'*",
        ),
        ("orm.update_and_verify(User(**ALICE), age=3)", "*NotFoundError: *"),
        ("orm.delete_and_verify(User(**ALICE))", "*NotFoundError: *"),
        (
            "orm.create_and_verify(Other, id='1')",
            "*Other is not among the models of this test, which are: User. Return it from get_test_models()*",
        ),
        (
            "orm.create_and_verify(User, data='x')",
            "*data= is a mapping of fields to values, not 'x'*data={'data': 'x'}*",
        ),
        ("orm.query_and_verify_count(User, 0, limit=-1)", "*limit is a number from 0 on, not -1*"),
        ("orm.query_and_verify_count(User, 0, filters=3)", "*filters are a mapping such as*3 is neither*"),
    ],
)
def test_a_wrong_call_says_what_is_wrong_on_every_backend(project, line, said):
    """The same message on each backend, and the test fails."""
    result = project.write(
        f"class Other(Model):\n    id: str = Field(primary_key=True)\n{CLASS}    def test_it(self, orm):\n        {line}\n"
    ).run()
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(
        ["*test_it[[]inmemory[]]*", said, "*test_it[[]sqlite[]]*", said, "*test_it[[]sqlite_file[]]*", said]
    )


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (
            "class Bad(Model):\n    name: str",
            "*Bad has no primary key. Write `name: … = Field(primary_key=True)`*",
        ),
        (
            "class Bad(Model):\n    id: str = Field(primary_key=True)\n    other: str = Field(references='Usr')",
            "*Bad.other refers to 'Usr', which is not among the models of this test. Did you mean 'User'?*",
        ),
        (
            "class Bad(Model):\n    id: str = Field(primary_key=True)\n    one: str = Field(alias='x')\n    two: str = Field(alias='x')",
            "*Bad: the fields 'one' and 'two' are both stored as 'x'*",
        ),
        (
            "class User(Model):\n    id: str = Field(primary_key=True)\nBad = User\nfrom models import User",
            "*two models of this test are both stored as 'User'*",
        ),
        ("class Bad: pass", "*is not a pydantic model. Derive it from orm_testing.Model*"),
    ],
)
def test_a_wrong_model_says_what_to_write(project, model, said):
    """A declaration that cannot work fails when the class is first used."""
    result = project.write(
        f"{model}\n{CLASS.replace('[User]', '[User, Bad]')}    def test_it(self, orm):\n        orm.all_models(Bad)\n"
    ).run()
    result.assert_outcomes(errors=3)
    result.stdout.fnmatch_lines([said])


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("None", "*Wrong.execute_create answered None to orm.create_model(User*. Return the instance*"),
        ("'a string'", "*Wrong.execute_create answered 'a string'*"),
        (
            "OperationResult(success=False, error='no')",
            "*answered a failed OperationResult whose error is 'no'*",
        ),
        ("1 / 0", "*Wrong.execute_create raised ZeroDivisionError: division by zero*the driver is at fault*"),
    ],
)
def test_a_driver_that_breaks_the_contract_is_never_an_expected_failure(project, answer, said):
    """What the contract does not allow is an error, even where the test expects a failure."""
    result = project.write(
        CLASS.replace('"inmemory", "sqlite", "sqlite_file"', '"wrong"')
        + "    def test_it(self, orm):\n        orm.expect_create_failure(User, id='1')\n",
        conftest=f"""
        from orm_testing import *
        class Wrong(InMemoryDriver):
            def execute_create(self, operation):
                return {answer}
        register_backend("wrong", Wrong)
        """,
    ).run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([said])


@pytest.mark.parametrize(
    ("conftest", "said"),
    [
        (
            "register_backend('odd', lambda: 'no driver')",
            "*what makes the backend 'odd' returned 'no driver'*",
        ),
        (
            "class Old(InMemoryDriver):\n    contract_version = 0\nregister_backend('odd', Old)",
            "*version 0 of the contract*",
        ),
        (
            "register_backend('odd', 'no_such:Driver', extra='shiny')",
            "*pip install 'orm-testing[[]shiny[]]'*",
        ),
    ],
)
def test_a_backend_that_cannot_be_made_is_an_error(project, conftest, said):
    """A broken registration is an error at set-up, never a skip."""
    result = project.write(
        CLASS.replace('"inmemory", "sqlite", "sqlite_file"', '"odd"')
        + "    def test_it(self, orm):\n        pass\n",
        conftest="from orm_testing import *\n" + conftest,
    ).run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([said])


def test_an_option_that_clashes_with_ours_says_whose_it_is(project):
    """A conftest that adds an option beginning with --orm- is told why that cannot be."""
    result = project.write(
        CLASS, conftest="def pytest_addoption(parser):\n    parser.addoption('--orm-backend')\n"
    ).run(subprocess=True)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["*a conftest adds an option that begins with --orm-, *give it another name*"]
    )


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "def test_it(orm):\n    pass\n",
            "*takes `orm` and does not say on which backends*pytest.mark.orm_backends(*",
        ),
        (
            "class TestIt:\n    def test_it(self, orm):\n        pass\n",
            "*takes `orm` and does not say on which backends*",
        ),
        (
            "class TestIt(MultiBackendTestBase):\n    ENABLED_BACKENDS = []\n    def test_it(self, orm):\n        pass\n",
            "*has no backend left to run on*",
        ),
        (
            "import unittest\nclass TestIt(MultiBackendTestBase, unittest.TestCase):\n    pass\n",
            "*derives from unittest.TestCase*cannot take fixtures*",
        ),
        (
            "class TestIt(MultiBackendTestBase):\n    ENABLED_BACKENDS = 'sqlite'\n",
            "*is a list of names, such as*not 'sqlite'*",
        ),
        (
            "@multi_backend_test_class(enabled_backends=['sqlite'])\nclass TestIt:\n    pass\n",
            "*decorates classes of MultiBackendTestBase*",
        ),
        (
            "@pytest.mark.orm_backends('sqllite')\ndef test_it(orm):\n    pass\n",
            "*'sqllite' is not a backend. Did you mean 'sqlite'?*",
        ),
    ],
)
def test_a_wrong_test_class_stops_collection(project, source, said):
    """What would silently run nothing is an error at collection."""
    result = project.write(source).run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([said])


def test_orm_parametrised_with_something_else_is_an_error(project):
    """The parameter of `orm` is the name of a backend."""
    result = project.write("""
        @pytest.mark.parametrize("orm", [3], indirect=True)
        @pytest.mark.orm_backends("inmemory", models=[User])
        def test_it(orm):
            pass
    """).run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*the parameter of `orm` is the name of a backend, not 3*"])
