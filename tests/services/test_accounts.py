"""Root's servers run as another user, from programs that this user can reach; PostgreSQL refuses to run otherwise."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from orm_testing import ConfigurationError
from orm_testing.services import accounts, processes, runs
from orm_testing.services.accounts import account_for
from orm_testing.services.ladder import Choice
from orm_testing.services.product import Installation

pytest.importorskip("psycopg")
from orm_testing_drivers.postgres.service import PostgresProduct

pytestmark = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="only root becomes another user"
)


@pytest.fixture
def postgres():
    product = PostgresProduct()
    if isinstance(product.find_local(), str):
        pytest.skip("there is no PostgreSQL on this machine")
    return product


def test_root_drops_to_another_user(servers, postgres, temporary):
    """The server runs as the product's user, with none of root's groups, and owns its data and no more."""
    server = servers().server(postgres)
    assert server.fingerprint.startswith("PostgreSQL ")
    folder = runs.directory("aaaaaa") / "postgres"
    pid = processes.noted_in(folder / "pid")
    account = account_for(postgres)
    status = dict(
        line.split(":\t") for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line
    )
    assert status["Uid"].split() == [str(account.uid)] * 4
    assert status["Gid"].split() == [str(account.gid)] * 4
    assert not status["Groups"].strip()
    assert (folder / "data").stat().st_uid == account.uid
    assert folder.stat().st_uid == 0


def test_the_environment_of_the_server_has_no_secret(servers, postgres, monkeypatch):
    """A server is told where programs are, and nothing else of the environment that pytest runs in."""
    monkeypatch.setenv("MY_TOKEN", "secret")
    servers().server(postgres)
    pid = processes.noted_in(runs.directory("aaaaaa") / "postgres" / "pid")
    assert b"MY_TOKEN" not in Path(f"/proc/{pid}/environ").read_bytes()


def test_programs_out_of_reach_are_copied(servers, postgres, temporary, monkeypatch):
    """Programs in a directory that only root can enter are copied once, with the libraries beside them, and run."""
    found = postgres.find_wheel()
    assert isinstance(found, Installation), found
    home = temporary / "home"
    home.mkdir(mode=0o700)
    root = home / found.root.name
    for tree in (found.root, found.root.with_name(f"{found.root.name}.libs")):
        if tree.exists():
            shutil.copytree(tree, home / tree.name, symlinks=True)
    programs = {name: root / program.relative_to(found.root) for name, program in found.programs.items()}
    monkeypatch.setattr(
        PostgresProduct, "find_wheel", lambda self: Installation(programs, found.version, root)
    )
    wheel = {"choices": {"postgres": Choice("wheel", "here")}}
    assert servers(**wheel).server(postgres).fingerprint.startswith("PostgreSQL ")
    [copy] = [path for path in temporary.glob("orm_testing-*/cache/programs-*") if path.is_dir()]
    before = copy.stat().st_ino
    assert servers(run="bbbbbb", **wheel).server(postgres).way == "wheel"
    assert copy.stat().st_ino == before
    assert home.stat().st_mode & 0o777 == 0o700


def test_a_program_that_needs_nothing_beside_it_is_copied_alone(temporary, postgres):
    """What lies with it in a directory that only root can enter stays there."""
    home = temporary / "home"
    home.mkdir(mode=0o700)
    program = home / "rclone"
    shutil.copy("/bin/sh", program)
    (home / "secret").touch()
    account = account_for(postgres)
    assert account is not None
    there = accounts.within_reach(Installation({"rclone": program}, "1", program), account)
    copy = there.programs["rclone"]
    assert copy.read_bytes() == program.read_bytes()
    assert [path.name for path in copy.parent.iterdir()] == ["rclone"]
    assert accounts.within_reach(there, account) is there


def test_programs_that_cannot_be_copied_are_told(temporary, postgres):
    """A program out of reach that belongs to no tree is an error that says what to do."""
    home = temporary / "home"
    home.mkdir(mode=0o700)
    shutil.copy("/bin/sh", home / "postgres")
    with pytest.raises(
        ConfigurationError, match=r"may not run .*home/postgres; install it where every user can"
    ):
        accounts.within_reach(Installation({"postgres": home / "postgres"}, "1"), account_for(postgres))


def test_a_temporary_directory_out_of_reach_is_told(servers, postgres, temporary):
    """Where the server's user cannot get to the data, the message says what to set."""
    temporary.chmod(0o700)
    with pytest.raises(
        ConfigurationError, match=r"cannot get to .*; set TMPDIR to a directory that every user can pass"
    ):
        servers().server(postgres)


def test_nobody_is_the_last_resort(postgres, monkeypatch):
    """A machine without the product's user runs it as `nobody`."""
    monkeypatch.setattr(PostgresProduct, "users", ("no_such_user",))
    assert account_for(postgres).name == "nobody"
    shown = subprocess.run(
        ["id", "-un"],
        **accounts.as_account(account_for(postgres)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.strip() == "nobody"
