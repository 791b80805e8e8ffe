"""What a server is, as it says itself, and the removal of what dead runs left there."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from orm_testing.errors import ConfigurationError
from orm_testing_drivers.aws.client import client
from orm_testing_drivers.aws.errors import code_of, opening
from orm_testing_drivers.dynamodb import sentinels
from orm_testing_drivers.dynamodb.products import AMAZON, DYNALITE, LOCAL, UNKNOWN

_GOING = ("ResourceInUseException", "ResourceNotFoundException")
_HEALTHY = b"healthy: dynamodb"


def asked(url: str, timeout: float) -> str:
    """Product and, where it tells, version."""
    with opening("DynamoDB"), closing(client("dynamodb", url, timeout=timeout)) as asking:
        answer = asking.list_tables(Limit=1)
        if "TableNames" not in answer:
            raise ConfigurationError("something answers there that does not speak DynamoDB's protocol.")
        headers: Mapping[str, str] = answer["ResponseMetadata"]["HTTPHeaders"]
        return _product(asking.meta.endpoint_url, headers, timeout)


def _product(address: str, headers: Mapping[str, str], timeout: float) -> str:
    server = headers.get("server", "")
    if server.startswith("Jetty"):
        return f"{LOCAL} on {server}"
    if server.startswith("Werkzeug"):
        return f"moto server on {server.split()[0]}"
    if "x-localstack" in headers:
        return f"LocalStack on {server or 'an unnamed server'}"
    if ".amazonaws." in address or address.endswith((".api.aws", ".amazonaws.eu")):
        return AMAZON
    if not server and _says_healthy(address, timeout):
        return DYNALITE
    return f"{UNKNOWN} ({server or 'it does not say which'})"


def _says_healthy(address: str, timeout: float) -> bool:
    try:
        with build_opener(ProxyHandler({})).open(
            address, timeout=timeout
        ) as answer:  # an address of http, as the client has it
            return bool(answer.read(len(_HEALTHY)) == _HEALTHY)
    except (URLError, OSError):
        return False


def remove(url: str, names: Sequence[str]) -> None:
    """Delete the tables of these namespaces; one whose first table is not as we make them is none of ours."""
    with opening("DynamoDB"), closing(client("dynamodb", url)) as asking:
        for name in names:
            if _is_ours(asking, name):
                for table in [*_in_namespace(asking, name), name]:
                    _delete(asking, table)


def _delete(asking: Any, table: str) -> None:
    try:
        asking.delete_table(TableName=table)
    except ClientError as error:
        if code_of(error) not in _GOING:
            raise


def _is_ours(asking: Any, name: str) -> bool:
    try:
        described = asking.describe_table(TableName=name)["Table"]
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":
            return False
        raise
    keys = [key["AttributeName"] for key in described["KeySchema"]]
    return keys == [sentinels.KEY]


def _in_namespace(asking: Any, name: str) -> Iterator[str]:
    start = name
    while True:
        page = asking.list_tables(ExclusiveStartTableName=start)
        for table in page["TableNames"]:
            if not table.startswith(f"{name}."):
                return
            yield table
        start = page.get("LastEvaluatedTableName")
        if not start:
            return
