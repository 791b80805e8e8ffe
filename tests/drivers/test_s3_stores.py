"""Each store has a bucket of its own, or a part of one that was given; a reset empties it, and nothing else is touched."""

from dataclasses import replace

import boto3
import pytest
from botocore.exceptions import ClientError

from orm_testing import (
    AttachOperation,
    ConfigurationError,
    CountOperation,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    Field,
    GetOperation,
    Model,
    QueryOperation,
    UnavailableError,
    schema_of,
)
from orm_testing.backends import make_store, product_of
from orm_testing.plugin.services import servers_of
from orm_testing_drivers.nosql.store import KeyedStore
from orm_testing_drivers.s3.buckets import client
from orm_testing_drivers.s3.layout import bucket_of


class Thing(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    name: str | None = Field(None, unique=True)


class Part(Model):
    id: str = Field(primary_key=True)


@pytest.fixture(params=["moto_s3", "rclone"])
def backend(request):
    return request.param


with_a_url = pytest.mark.parametrize("backend", ["rclone"])
"""What a stand-in in this process does not have, and what it cannot leave behind."""


@pytest.fixture
def server(request, backend):
    """The run's server."""
    return servers_of(request.config).server(product_of(backend))


@pytest.fixture
def stranger(server):
    """Somebody else's client."""
    asked = client(server.url)
    yield asked
    asked.close()


@pytest.fixture
def theirs(stranger):
    """A bucket of somebody else's, with objects that look like ours."""
    stranger.create_bucket(Bucket="theirs")
    names = ["Thing/1.json", "~numbers/Thing.json", "orm_testing_x/Thing/1.json", "orm_testing_x.ours"]
    for name in names:
        stranger.put_object(Bucket="theirs", Key=name, Body=b"theirs")
    yield names
    for name in names_in(stranger, "theirs"):
        stranger.delete_object(Bucket="theirs", Key=name)
    stranger.delete_bucket(Bucket="theirs")


def names_in(asked, bucket):
    found = asked.list_objects_v2(Bucket=bucket).get("Contents", ())
    return sorted(each["Key"] for each in found)


def buckets(asked):
    return {bucket["Name"] for bucket in asked.list_buckets()["Buckets"]}


def write(driver):
    """One of each kind of object: rows, claims, attachments, counters."""
    made = driver.execute(CreateOperation(Thing, {"name": "a"}))
    assert made.success
    assert driver.execute(CreateOperation(Part, {"id": "p"})).success
    assert driver.execute(AttachOperation(Part, Part(id="p"), "file", b"x")).success
    return made.data


def is_empty(driver):
    """Nothing is left, and keys are made from 1 again."""
    store = driver.store
    return names_in(store.client(), store.bucket) == [f"{store.namespace}.ours"] and write(driver).id == 1


def test_a_store_has_a_bucket_that_goes_with_it(on_backend, stranger, backend, server, tmp_path):
    """It is there from `open` to `close`, with what a test's own client put there; other buckets stay."""
    before = buckets(stranger)
    store = make_store(backend)
    store.server = server
    store.open(tmp_path)
    assert buckets(stranger) - before == {store.bucket}
    store.connect().put_object(Bucket=store.bucket, Key="anything", Body=b"")
    store.close()
    assert buckets(stranger) == before


def test_a_reset_removes_every_object_of_ours(on_backend, backend):
    """Rows, claims of unique values, attachments, counters, and what a client of the test's own wrote."""
    driver = on_backend(backend, Thing, Part)
    write(driver)
    for _ in range(2):
        driver.reset()
        assert is_empty(driver)
    driver.store.connect().put_object(Bucket=driver.store.bucket, Key="anything", Body=b"")
    driver.reset()
    assert is_empty(driver)
    session = driver.session()
    session.execute(DeleteOperation(Part, Part(id="p")))
    session.close()
    driver.reset()
    assert is_empty(driver)


def test_a_reset_after_which_nothing_was_written_asks_nothing(on_backend, backend, monkeypatch):
    """Reads do not count; who was told how to reach the store may have written."""
    driver = on_backend(backend, Thing, Part)
    driver.reset()
    emptied = []
    monkeypatch.setattr(driver.store, "empty", lambda: emptied.append(1))
    driver.execute(QueryOperation(Thing))
    driver.execute(GetOperation(Thing, {"id": 1}))
    driver.execute(CountOperation(Thing))
    driver.rows(Thing)
    driver.reset()
    assert not emptied
    driver.store.connect().close()
    driver.reset()
    assert emptied


def test_a_mark_is_what_a_reset_goes_back_to(on_backend, backend):
    """With attachments, claims and counters."""
    driver = on_backend(backend, Thing, Part)
    write(driver)
    driver.mark()
    driver.execute(CreateOperation(Thing, {"name": "b"}))
    driver.execute(DeleteOperation(Part, Part(id="p")))
    driver.reset()
    assert [row["name"] for row in driver.rows(Thing)] == ["a"]
    assert driver.attachment_of(Part, {"id": "p"}, "file") == b"x"
    assert driver.execute(CreateOperation(Thing, {"name": "b"})).data.id == 2
    assert not driver.execute(CreateOperation(Thing, {"name": "a"})).success
    driver.unmark()
    driver.reset()
    assert is_empty(driver)


def test_a_bucket_of_our_name_that_is_not_ours_is_left_alone(
    backend, server, stranger, tmp_path, monkeypatch
):
    """The store does not open, and whoever removes what dead runs left passes it by."""
    monkeypatch.setattr(KeyedStore, "_numbers", iter(["x"]))
    namespace = f"{server.prefix}_x"
    bucket = bucket_of(namespace)
    stranger.create_bucket(Bucket=bucket)
    stranger.put_object(Bucket=bucket, Key="theirs", Body=b"theirs")
    store = make_store(backend)
    store.server = server
    with pytest.raises(ConfigurationError, match="this run did not make"):
        store.open(tmp_path)
    if server.url:
        product_of(backend).remove(server.url, [namespace])
    assert names_in(stranger, bucket) == ["theirs"]
    stranger.delete_object(Bucket=bucket, Key="theirs")
    stranger.delete_bucket(Bucket=bucket)


@with_a_url
def test_what_a_dead_run_left_is_removed_by_its_name(on_backend, stranger, backend, server, theirs):
    """The bucket with all that is in it; an absent one is no error, and other buckets stay."""
    driver = on_backend(backend, Thing, Part)
    write(driver)
    product_of(backend).remove(server.url, [driver.store.namespace, "orm_testing_none_1_main_1"])
    assert driver.store.bucket not in buckets(stranger)
    assert names_in(stranger, "theirs") == sorted(theirs)


@with_a_url
def test_a_bucket_that_is_given_is_shared(on_backend, stranger, backend, server, theirs):
    """Ours lies below our name; the rest is neither seen nor touched by a reset, by `close` or after a crash."""
    given = replace(server, way="given", url=f"{server.url}theirs")
    driver, other = (
        on_backend(backend, Thing, Part, server=given),
        on_backend(backend, Thing, Part, server=given),
    )
    assert driver.store.url.endswith("/theirs")
    write(driver)
    write(other)
    assert driver.execute(CountOperation(Thing)).data == driver.count_rows(Thing) == 1
    assert all(name in theirs or name.startswith("orm_testing_") for name in names_in(stranger, "theirs"))
    driver.reset()
    assert driver.count_rows(Thing) == 0
    assert other.count_rows(Thing) == 1
    product_of(backend).remove(given.url, [other.store.namespace])
    assert other.count_rows(Thing) == 0
    driver.store.close()
    assert names_in(stranger, "theirs") == sorted(theirs)


@with_a_url
def test_what_bears_our_name_in_a_bucket_that_is_given_is_left_alone(
    stranger, backend, server, theirs, tmp_path, monkeypatch
):
    """It is an error that names it, it stays as it was, and nothing is noted for a later run to remove."""
    store = make_store(backend)
    store.server = replace(server, way="given", url=f"{server.url}theirs", journal=tmp_path / "journal")
    monkeypatch.setattr(KeyedStore, "_numbers", iter(["x"]))
    planted = f"{server.prefix}_x/Thing/a.json"
    stranger.put_object(Bucket="theirs", Key=planted, Body=b"theirs")
    with pytest.raises(ConfigurationError, match="which this run did not make"):
        store.open(tmp_path)
    assert names_in(stranger, "theirs") == sorted([*theirs, planted])
    assert not store.server.journal.exists()


def test_a_url_names_a_bucket_and_no_more(backend, server, tmp_path):
    """A path of two parts is an error that says so."""
    store = make_store(backend)
    store.server = replace(server, url="http://127.0.0.1:1/a/b")
    with pytest.raises(ConfigurationError, match="names a bucket"):
        store.open(tmp_path)


def test_all_pages_of_a_listing_are_followed(on_backend, backend):
    """Of more than a thousand rows all are found, in order, by driver and backdoor, and all are removed."""
    driver = on_backend(backend, Thing, Part)
    rows = [{"id": f"{number:04}"} for number in range(1001)]
    assert driver.execute(CreateManyOperation(Part, rows)).success
    assert driver.execute(CountOperation(Part)).data == 1001
    assert [row.id for row in driver.execute(QueryOperation(Part, {}, (), 2, 999)).data] == ["0999", "1000"]
    assert [dict(row.__dict__) for row in driver.execute(QueryOperation(Part)).data] == rows
    assert driver.store.count(schema_of(Part)) == 1001
    assert driver.rows(Part) == rows
    driver.reset()
    assert is_empty(driver)


def test_a_bucket_that_somebody_removed_is_unavailable(on_backend, backend):
    """What is not there cannot be read, and rows are not said to be absent; a reset makes it again."""
    driver = on_backend(backend, Thing, Part)
    own = driver.store.connect()
    own.delete_object(Bucket=driver.store.bucket, Key=f"{driver.store.namespace}.ours")
    own.delete_bucket(Bucket=driver.store.bucket)
    for operation in (
        GetOperation(Part, {"id": "a"}),
        QueryOperation(Part),
        CreateOperation(Part, {"id": "a"}),
        DeleteOperation(Part, Part(id="a")),
    ):
        error = driver.execute(operation).error
        assert type(error) is UnavailableError
        assert isinstance(error.__cause__, ClientError)
    with pytest.raises(UnavailableError, match="the bucket is gone"):
        driver.rows(Part)
    driver.reset()
    assert is_empty(driver)


def test_a_test_that_mocks_aws_itself_harms_itself_alone(on_backend):
    """What moto's own decorator removes is there again after a reset; and it does not see what is ours."""
    from moto import mock_aws

    driver = on_backend("moto_s3", Thing, Part)
    write(driver)
    with mock_aws():
        asked = boto3.client("s3", region_name="us-east-1")
        assert asked.list_buckets()["Buckets"] == []
        assert type(driver.execute(QueryOperation(Thing)).error) is UnavailableError
    driver.reset()
    assert is_empty(driver)
    with mock_aws():
        pass
    driver.reset()
    write(driver)
