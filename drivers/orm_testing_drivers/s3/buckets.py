"""The buckets of a server: which one is given, making one, knowing it as ours, and removing what is ours."""

from typing import Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from orm_testing.errors import ConfigurationError
from orm_testing_drivers.aws import client as aws
from orm_testing_drivers.aws.endpoint import REGION, endpoint
from orm_testing_drivers.aws.errors import code_of, status_of
from orm_testing_drivers.nosql.clients import Heard
from orm_testing_drivers.s3.layout import bucket_of
from orm_testing_drivers.s3.objects import Objects

_NO_SUCH = 404
_NOT_SO = 412


def client(url: str, heard: Heard | None = None, timeout: float | None = None) -> Any:
    """A client that names buckets in the path, where every server understands them."""
    return aws.client(
        "s3",
        url,
        heard=heard,
        timeout=timeout,
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )


def given_bucket(url: str) -> str | None:
    """The bucket that the URL names; None where stores make their own."""
    path = endpoint(url).path if url else ""
    if "/" in path:
        raise ConfigurationError(f"a URL of S3 names a bucket, and no more than that: not {path!r}.")
    return path or None


def make_bucket(asked: Any, name: str) -> None:
    """Make a bucket; one that is there is somebody's, and left alone."""
    try:
        asked.head_bucket(Bucket=name)
    except ClientError as error:
        if status_of(error) != _NO_SUCH:
            raise
    else:
        raise _not_ours(name)
    region = asked.meta.region_name
    where = {} if region == REGION else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    try:
        asked.create_bucket(Bucket=name, **where)
    except ClientError as error:
        if code_of(error) in ("BucketAlreadyExists", "BucketAlreadyOwnedByYou"):
            raise _not_ours(name) from error
        raise


def check_free(asked: Any, bucket: str, namespace: str) -> None:
    """Raise where a bucket that was given has something under this name."""
    objects = Objects(asked, bucket, conditional=False)
    for beginning in (f"{namespace}.ours", f"{namespace}/"):
        if (found := objects.first(beginning)) is not None:
            raise ConfigurationError(
                f"the bucket {bucket!r} has {found!r} already, which this run did not make. It is left alone."
            )


def mark(asked: Any, bucket: str, namespace: str) -> bool:
    """Put what says that the namespace is ours; whether the server, told to put it where it is not, refuses that."""
    content = {"Bucket": bucket, "Key": f"{namespace}.ours", "Body": b""}
    asked.put_object(**content)
    try:
        asked.put_object(**content, IfNoneMatch="*")
    except ClientError as error:
        return status_of(error) == _NOT_SO
    return False


def remove(asked: Any, url: str, namespace: str) -> None:
    """Remove what the namespace has, where it bears our mark; its bucket too, unless that was given."""
    given = given_bucket(url)
    bucket, ours = given or bucket_of(namespace), f"{namespace}.ours"
    objects = Objects(asked, bucket, conditional=False)
    try:
        marked = objects.first(ours) == ours
    except ClientError as error:
        if code_of(error) == "NoSuchBucket":
            return
        raise
    if not marked:
        return
    objects.remove_all([name for name, _ in objects.names(f"{namespace}/" if given else "") if name != ours])
    objects.remove(ours)
    if given is None:
        asked.delete_bucket(Bucket=bucket)


def _not_ours(name: str) -> ConfigurationError:
    return ConfigurationError(f"there is a bucket {name!r} that this run did not make. It is left alone.")
