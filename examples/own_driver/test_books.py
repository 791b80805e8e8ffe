"""One class of tests on the driver of this folder, beside the one that keeps the whole contract."""

from datetime import date

import pytest

from orm_testing import (
    DuplicateKeyError,
    Field,
    Model,
    MultiBackendTestBase,
    MultipleResultsError,
    NotFoundError,
    UnsupportedError,
    ValidationError,
    requires,
)


class Book(Model):
    isbn: str = Field(primary_key=True)
    title: str
    pages: int = Field(gt=0)
    published: date | None = None


class TestBooks(MultiBackendTestBase):
    ENABLED_BACKENDS = ["shelf", "inmemory"]

    def get_test_models(self):
        return [Book]

    @pytest.fixture
    def emma(self, orm):
        """The book that most tests start from."""
        return orm.create_and_verify(Book, isbn="1", title="Emma", pages=474, published=date(1815, 12, 23))

    def test_create(self, orm, emma):
        """A book is stored once: its key is taken."""
        orm.get_and_verify_exists(Book, title="Emma")
        orm.expect_create_failure(Book, DuplicateKeyError, isbn="1", title="Other", pages=1)

    def test_refused_data(self, orm):
        """Data that the model refuses does not reach the store."""
        orm.expect_create_failure(Book, ValidationError, isbn="1", title="None", pages=0)

    def test_update(self, orm, emma):
        """An update writes the fields that it names."""
        assert orm.update_and_verify(emma, pages=480).title == "Emma"

    def test_delete(self, orm, emma):
        """A deleted book is gone, and can be neither changed nor deleted."""
        orm.delete_and_verify(emma)
        orm.expect_update_failure(emma, NotFoundError, pages=480)
        orm.expect_delete_failure(emma, NotFoundError)

    def test_query(self, orm, emma):
        """Every lookup works, as the driver leaves conditions to the library."""
        orm.create_and_verify(Book, isbn="2", title="Ulysses", pages=730)
        orm.query_and_verify_count(Book, 1, pages__gt=500)
        orm.query_and_verify_count(Book, 1, title__istartswith="EM", published__lt=date(1900, 1, 1))
        longest_first = orm.query_and_verify_count(Book, 2, order_by="-pages")
        assert [book.title for book in longest_first] == ["Ulysses", "Emma"]
        assert isinstance(orm.get_model(Book, pages__gt=1).error, MultipleResultsError)

    @requires("transactions")
    def test_transaction(self, orm, emma):
        """What the driver does not declare is unsupported there, and is tested elsewhere."""
        with orm.expect_rollback(RuntimeError):
            orm.delete_and_verify(emma)
            raise RuntimeError


@pytest.mark.orm_backends("shelf", models=[Book])
def test_what_is_not_written(orm):
    """A verb for which the driver has no method is an `UnsupportedError` that names it."""
    with pytest.raises(UnsupportedError, match="ShelfDriver has no execute_count"):
        orm.count_models(Book)
