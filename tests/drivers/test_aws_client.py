"""Clients of boto3 read nothing of the user's, ask AWS itself only when that is confirmed, and say what they ask."""

import os
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import boto3
import pytest
from answering import Server, refusal
from botocore.exceptions import ClientError
from botocore.utils import parse_timestamp
from ports import end

from orm_testing import AccessError, ConfigurationError, UnavailableError
from orm_testing.services import runs
from orm_testing.services.ladder import Choice, Settings
from orm_testing.services.servers import Servers
from orm_testing.services.urls import masked
from orm_testing_drivers.aws.client import client, stand_in
from orm_testing_drivers.aws.endpoint import endpoint
from orm_testing_drivers.aws.errors import opening, translated
from orm_testing_drivers.dynamodb.service import DynamoProduct
from orm_testing_drivers.s3.service import S3Product

both = pytest.mark.parametrize("product", [S3Product(), DynamoProduct()], ids=lambda product: product.name)

POISON = {
    "AWS_ACCESS_KEY_ID": "poisoned", "AWS_SECRET_ACCESS_KEY": "poisoned", "AWS_SESSION_TOKEN": "poisoned",
    "AWS_PROFILE": "poisoned", "AWS_DEFAULT_PROFILE": "poisoned", "AWS_REGION": "poisoned-1",
    "AWS_DEFAULT_REGION": "poisoned-1", "AWS_CONFIG_FILE": "/poisoned", "AWS_SHARED_CREDENTIALS_FILE": "/poisoned",
    "AWS_ENDPOINT_URL": "http://poisoned.invalid", "AWS_ENDPOINT_URL_S3": "http://poisoned.invalid",
    "AWS_CA_BUNDLE": "/poisoned", "REQUESTS_CA_BUNDLE": "/poisoned", "AWS_MAX_ATTEMPTS": "poisoned",
    "AWS_RETRY_MODE": "poisoned", "AWS_DATA_PATH": "/poisoned", "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_USE_DUALSTACK_ENDPOINT": "true", "AWS_EXECUTION_ENV": "poisoned", "AWS_SDK_UA_APP_ID": "poisoned",
    "AWS_LAMBDA_FUNCTION_NAME": "poisoned", "_X_AMZN_TRACE_ID": "poisoned", "AWS_CSM_ENABLED": "true",
    "BOTOCORE_EXPERIMENTAL__PLUGINS": "poisoned=poisoned_plugin", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://poisoned",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/poisoned", "AWS_ROLE_ARN": "poisoned", "AWS_REQUEST_CHECKSUM_CALCULATION": "poisoned",
    "HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9",
}  # fmt: skip


SCRIPT = """
import sys
from orm_testing.services import runs
from orm_testing.services.ladder import Choice, Settings
from orm_testing.services.servers import Servers
from orm_testing.services.urls import masked
from orm_testing_drivers.aws.client import client
asked = client("s3", sys.argv[1])
asked.list_buckets()
if not sys.argv[1]:
    asked.create_bucket(Bucket="ours")
    asked.put_object(Bucket="ours", Key="k", Body=b"v")
    assert asked.get_object(Bucket="ours", Key="k")["Body"].read() == b"v"
    client("dynamodb", "").list_tables()
"""


def run_poisoned(url, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(WATCH)
    (tmp_path / "poisoned_plugin.py").write_text("raise SystemExit('the plugin was loaded')")
    aws = tmp_path / ".aws"
    aws.mkdir()
    for name in ("config", "credentials"):
        (aws / name).write_text("[poisoned\n")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    environment = os.environ | POISON | {"HOME": str(tmp_path), "PYTHONPATH": path}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, url], env=environment, capture_output=True, text=True, check=False
    )


WATCH = """
import os, sys
before = dict(os.environ)

def watch(event, arguments):
    if event == "open" and ".aws" in str(arguments[0]):
        os.write(2, f"OPENED {arguments[0]}".encode())
        os._exit(3)
    if event == "socket.connect" and str(arguments[1][0]) != "127.0.0.1" or event == "socket.getaddrinfo" and arguments[0] != "127.0.0.1":
        os.write(2, f"CONNECTED {arguments}".encode())
        os._exit(4)
    if event in ("os.putenv", "os.unsetenv"):
        os.write(2, f"CHANGED {arguments}".encode())
        os._exit(5)

sys.addaudithook(watch)
"""


def test_nothing_of_the_users_environment_or_files_reaches_a_request(tmp_path):
    """Neither variables of AWS, nor files in ~/.aws, nor proxies, nor plugins: what the URL says is what is sent."""
    with Server() as server:
        done = run_poisoned(server.url(), tmp_path)
        assert done.returncode == 0, done.stderr
    [asked] = server.asked
    assert "Credential=key/" in asked["Authorization"]
    assert "/us-east-1/s3/" in asked["Authorization"]
    assert "poisoned" not in repr(asked).lower()


def test_moto_in_this_process_needs_no_network_and_changes_no_variable(tmp_path):
    """What a stand-in is asked neither leaves the process nor depends on the user's configuration."""
    done = run_poisoned("", tmp_path)
    assert done.returncode == 0, done.stderr


def test_moto_answers_our_clients_and_no_others():
    """A client that the user makes in the same process goes to the network as ever."""
    client("s3", "").list_buckets()
    with Server() as server:
        theirs = boto3.client(
            "s3", region_name="us-east-1", endpoint_url=server.url(""),
            aws_access_key_id="a", aws_secret_access_key="b",
        )  # fmt: skip
        theirs.list_buckets()
        assert len(server.asked) == 1


def test_all_our_clients_of_a_process_share_what_moto_holds():
    """So that sessions, the backdoor and the user's own connection see one store."""
    one, other = client("s3", ""), client("s3", "")
    one.create_bucket(Bucket="shared-by-clients")
    try:
        assert "shared-by-clients" in {each["Name"] for each in other.list_buckets()["Buckets"]}
    finally:
        other.delete_bucket(Bucket="shared-by-clients")


def test_a_request_to_moto_is_atomic():
    """Of eight threads that make one object on the condition that there is none, one succeeds."""
    one = client("s3", "")
    one.create_bucket(Bucket="atomic")

    def make(number):
        try:
            client("s3", "").put_object(Bucket="atomic", Key="k", Body=b"%d" % number, IfNoneMatch="*")
        except ClientError:
            return 0
        return 1

    try:
        with ThreadPoolExecutor(8) as threads:
            assert sum(threads.map(make, range(8))) == 1
    finally:
        one.delete_object(Bucket="atomic", Key="k")
        one.delete_bucket(Bucket="atomic")


def test_each_request_is_told_once_with_what_it_was_called_with():
    """By a hook of the client itself, before the request is sent."""
    told = []
    asked = client("s3", "", heard=lambda name, parameters: told.append((name, dict(parameters))))
    with pytest.raises(ClientError):
        asked.get_object(Bucket="no-such-bucket", Key="k")
    assert told == [("GetObject", {"Bucket": "no-such-bucket", "Key": "k"})]


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ftp://127.0.0.1:1", "write http"),
        ("http://", "write http"),
        ("http://127.0.0.1:port", "no URL"),
        ("http://key@127.0.0.1:1", "both, key and secret"),
        ("http://key:hidden@127.0.0.1:1/?profile=mine", "or a profile"),
        ("http://127.0.0.1:1/?regoin=x", "'regoin' means nothing"),
    ],
)
def test_a_url_that_cannot_be_meant_is_a_configuration_error(url, says):
    """It says what is wrong, and shows no secret."""
    with pytest.raises(ConfigurationError, match=says) as caught:
        endpoint(url)
    assert "hidden" not in str(caught.value)


@both
@pytest.mark.parametrize(
    ("url", "asks"),
    [
        ("https://s3.amazonaws.com", True),
        ("https://dynamodb.eu-west-1.api.aws", True),
        ("https://key:hidden@bucket.s3.cn-north-1.amazonaws.com.cn", True),
        ("http://127.0.0.1:9000/amazonaws.com", False),
        ("https://amazonaws.com.example.org", False),
    ],
)
def test_aws_itself_has_to_be_confirmed(product, url, asks):
    """Whoever would be billed is asked first, and is shown no secret; other servers are not meant."""
    why = product.needs_confirmation(url)
    assert (why is not None) is asks
    assert "hidden" not in str(why)


def test_what_a_url_says_is_what_a_client_uses():
    """Address, bucket, region, who asks; secrets are decoded, and not shown."""
    found = endpoint("https://a:b%2Fc@s3.eu-west-1.amazonaws.com/bucket?region=eu-west-1&token=t")
    assert found.address == "https://s3.eu-west-1.amazonaws.com"
    assert (found.path, found.region) == ("bucket", "eu-west-1")
    assert (found.key, found.secret, found.token) == ("a", "b/c", "t")
    assert "b/c" not in repr(found)


def test_an_address_of_ipv6_is_a_server_like_another():
    """It stands in brackets, as URLs have it."""
    made = client("dynamodb", "http://[::1]:8000")
    assert made.meta.endpoint_url == "http://[::1]:8000"
    made.close()


def test_a_profile_is_read_only_where_the_url_names_it(tmp_path, monkeypatch):
    """And one that is not there is no reason to look elsewhere."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of_the_environment")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of_the_environment")
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_text(
        "[named]\naws_access_key_id = of_the_profile\naws_secret_access_key = x\n"
    )
    with Server() as server:
        client("s3", server.url("", "?profile=named")).list_buckets()
        assert "Credential=of_the_profile/" in server.asked[0]["Authorization"]
        with pytest.raises(ConfigurationError, match="does not know who asks"), opening("S3"):
            client("s3", server.url("", "?profile=absent")).list_buckets()


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("SlowDown", 503, UnavailableError),
        ("ThrottlingException", 400, UnavailableError),
        ("InternalError", 500, UnavailableError),
        ("ExpiredToken", 400, AccessError),
        ("InvalidClientTokenId", 403, AccessError),
        ("AccessDenied", 403, AccessError),
        ("NoSuchBucket", 404, type(None)),
    ],
)
def test_what_services_agree_on_has_one_error(code, status, kind, monkeypatch):
    """Throttling, after retries, and a broken server are unavailability; who may not ask, an error of access."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    with Server(*refusal(code, status)) as server:
        with pytest.raises(ClientError) as caught:
            client("s3", server.url()).list_buckets()
        assert type(translated(caught.value)) is kind
        assert len(server.asked) == (3 if kind is UnavailableError else 1)


def test_who_may_not_ask_is_a_configuration_error_when_a_store_is_opened():
    """With the server's own words as its cause."""
    with Server(*refusal("InvalidAccessKeyId", 403)) as server:
        with pytest.raises(ConfigurationError, match="S3 does not know who asks") as caught, opening("S3"):
            client("s3", server.url()).list_buckets()
        assert isinstance(caught.value.__cause__, ClientError)


def test_a_server_that_is_not_there_is_unavailable(monkeypatch):
    """Refused, and silent: never an answer that says there is nothing."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(UnavailableError), opening("S3"):
            client("s3", url).list_buckets()
        silent.listen()
        with pytest.raises(UnavailableError), opening("S3"):
            client("s3", url, timeout=0.05).list_buckets()


@contextmanager
def answering(how):
    """A port where each connection is treated so; a way to it that has secrets."""

    def treat():
        with suppress(OSError):
            while True:
                connection, _ = port.accept()
                with connection, suppress(OSError):
                    how(connection)

    with socket.create_server(("127.0.0.1", 0)) as port:
        thread = threading.Thread(target=treat, daemon=True)
        thread.start()
        yield f"http://key:hidden@127.0.0.1:{port.getsockname()[1]}/?token=concealed"
        port.shutdown(socket.SHUT_RDWR)
        thread.join()


def hung_up(connection):
    connection.recv(1000)
    end(connection)


def silent(connection):
    while connection.recv(1000):
        pass


def greeting(connection):
    connection.recv(1000)
    connection.sendall(b"SSH-2.0-OpenSSH_9.0\r\n")
    end(connection)


@both
@pytest.mark.parametrize(
    ("how", "kind", "says"),
    [
        (hung_up, UnavailableError, "does not answer: Remote end closed connection without response"),
        (silent, UnavailableError, "does not answer: timed out"),
        (greeting, ConfigurationError, ": it does not speak HTTP."),
    ],
)
def test_why_a_server_does_not_answer_is_told_without_its_url(product, how, kind, says):
    """Whoever gave the URL is shown it; the reason repeats neither that nor a secret of it."""
    with answering(how) as url, pytest.raises(kind) as caught:
        product.ask(url, 0.3)
    told = str(caught.value)
    assert product.title in told
    assert says in told
    assert not any(part in told for part in ("://", "127.0.0.1", "hidden", "concealed"))


@both
@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://key:hidden@127.0.0.1:1/?token=hidden", "{title} does not answer: Connection refused"),
        ("http://key@127.0.0.1:1/", "give both, key and secret, or neither."),
        (
            "http://key:hid/den@127.0.0.1:1/",
            "it is no URL: write http://[key:secret@]host:port or https://…, and %2F for",
        ),
        (
            "http://key:hidden@under_score:1/",
            "botocore takes names of servers that have letters, digits, hyphens and",
        ),
        (
            "http://127.0.0.1:1/?profile=no-such",
            "{title} does not know who asks: The config profile (no-such) could not",
        ),
        ("http://127.0.0.1:1/?region=a_b", "{title} refused: Provided region_name 'a_b' doesn't match"),
    ],
)
def test_a_url_that_will_not_do_is_shown_once(product, url, says, monkeypatch, tmp_path):
    """As the run tells it: by whom it was given, as what, and in a sentence why not; without its secrets."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    source = f"ORM_TESTING_{product.name.upper()}_URL"
    run = Servers(Settings(choices={product.name: Choice(url, source)}), tmp_path, "aaaaaa", "main")
    try:
        with pytest.raises(ConfigurationError) as caught:
            run.server(product)
    finally:
        run.leave()
        runs.end("aaaaaa")
    told = str(caught.value)
    assert told.startswith(
        f"{product.name}, given by {source} as {masked(url)}: {says.format(title=product.title)}"
    )
    assert told.count(endpoint_shown(url)) == 1
    assert not any(part in told for part in (":hidden", "=hidden", "den@"))


def endpoint_shown(url):
    """The part of a URL that says where the server is."""
    return url.rpartition("@")[2].removeprefix("http://").partition("/")[0]


def test_a_stand_in_whose_modules_are_absent_is_none():
    """And says which are, and how to have them."""
    assert stand_in("s3").title.startswith("moto 5.")
    told = "there is no Python module no_such_module nor nor_this (pip install 'orm-testing[s3]')"
    assert stand_in("s3", "no_such_module", "nor_this") == told


@pytest.mark.parametrize(
    "told",
    [
        "2026-11-29T17:03:04.125Z",
        "2026-11-29T17:03:04Z",
        "Sun, 29 Nov 2026 17:03:04 GMT",
        "2026-11-29T17:03:04+02:00",
        "20261129T170304Z",
        "1764435784",
        1764435784.25,
    ],
)
def test_times_are_read_as_botocore_reads_them(told):
    """The clients have a reader of their own for times, which reads the same from each form, with a zone."""
    read = client("s3", "http://key:secret@127.0.0.1:1")._response_parser._timestamp_parser(told)
    assert read == parse_timestamp(told)
    assert read.tzinfo is not None
    assert read.utcoffset() == parse_timestamp(told).utcoffset()


@pytest.mark.parametrize("told", ["", "2026-11-31T00:00:00Z", "not a time GMT"])
def test_what_is_no_time_is_refused_as_botocore_does(told):
    """What is no time is a ValueError, of which botocore makes its own."""
    with pytest.raises(ValueError):  # noqa: PT011  (whose words are those of who reads)
        client("s3", "http://key:secret@127.0.0.1:1")._response_parser._timestamp_parser(told)
