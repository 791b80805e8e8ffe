"""The directory below which everything is kept: whose it is, what is made in it, and where that goes wrong."""

import errno
import os
import subprocess

import pytest

from orm_testing import ConfigurationError
from orm_testing.services import private, runs, state
from orm_testing.services.accounts import account_for

ROOT = os.name == "posix" and os.geteuid() == 0
as_root = pytest.mark.skipif(not ROOT, reason="only root can")


def test_the_directory_is_this_user_s_own(temporary):
    """The directory is made so that nobody else can list it, and root's servers can pass through it."""
    made = state.root()
    assert made.parent == temporary
    assert made.stat().st_mode & 0o777 == (0o711 if ROOT else 0o700)
    made.chmod(0o777)
    assert state.root().stat().st_mode & 0o077 == (0o011 if ROOT else 0)


@pytest.mark.parametrize("planted", ["symlink", "file"])
def test_what_was_planted_is_refused(temporary, planted, tmp_path):
    """A symlink or a file in its place is an error, not followed and not removed."""
    if planted == "symlink":
        state.where().symlink_to(tmp_path)
    else:
        state.where().write_text("mine")
    with pytest.raises(
        ConfigurationError, match=r"(is not a directory that belongs to this user|is in the way)"
    ):
        state.root()
    assert not list(tmp_path.iterdir())


@as_root
def test_somebody_else_s_directory_is_refused(temporary):
    """A directory of that name which another user made is not used."""
    state.where().mkdir()
    os.chown(state.where(), 65534, 65534)
    with pytest.raises(ConfigurationError, match="is not a directory that belongs to this user"):
        state.root()


@pytest.fixture
def mounted(temporary):
    """`mounted("size=1m")` puts a small file system in the place of the temporary directory."""
    made = []

    def mount(options):
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", temporary], capture_output=True, check=False
        )
        if done.returncode:
            pytest.skip("this machine lets nobody mount")
        made.append(temporary)

    yield mount
    for path in made:
        subprocess.run(["umount", "-l", path], check=True)


@as_root
def test_a_read_only_directory_is_one_clear_message(servers, product, mounted):
    """Where nothing can be written, the message says what to set."""
    mounted("ro")
    with pytest.raises(ConfigurationError) as caught:
        servers().server(product)
    told = str(caught.value)
    assert told.startswith(
        "servers are kept below the temporary directory, and nothing can be written there: "
    )
    assert told.endswith("Set TMPDIR to a directory that this user can write to.")


@as_root
def test_a_full_disk_is_one_clear_message(servers, product, mounted):
    """A disk that fills up while data are copied is told, and the copy removed."""
    mounted("size=1m,mode=755")
    mine = servers()
    origin = private.initialised(product, product.find_local(), account_for(product)).data
    with (origin / "big").open("wb") as big:
        big.write(bytes(700_000))
    with pytest.raises(
        ConfigurationError, match=r"fake \(local\): the initialised data cannot be copied: .*No space left"
    ):
        mine.server(product)
    assert not (runs.directory("aaaaaa") / "fake").exists()


def test_a_full_disk_while_initialising_leaves_nothing(servers, product, monkeypatch, temporary):
    """Data that could not be initialised are removed, and the next run begins anew."""
    monkeypatch.setenv("FAKE_INITIALISE", "full")
    with pytest.raises(
        ConfigurationError, match=rf"fake \(local\): \[Errno {errno.ENOSPC}\] No space left on device"
    ):
        servers().server(product)
    assert [path.suffix for path in temporary.glob("orm_testing-*/cache/*")] == [".lock"]
    monkeypatch.delenv("FAKE_INITIALISE")
    assert servers(run="bbbbbb").server(product).fingerprint == "Fake 1.0"


def test_a_program_that_fails_shows_what_it_said(servers, product, monkeypatch):
    """Where a product's program fails to initialise, its output is in the message."""
    monkeypatch.setenv("FAKE_INITIALISE", "fails")
    with pytest.raises(ConfigurationError, match=r"ended with exit code 1:\n    the planets are wrong"):
        servers().server(product)


def test_half_made_data_of_a_killed_process_are_made_anew(servers, product, temporary):
    """What was being initialised when its process was killed is never taken for complete, and is removed."""
    servers().server(product)
    [kept] = temporary.glob("orm_testing-*/cache/fake-*[!k]")
    half = kept.rename(kept.with_name(f"{kept.name}.part-dddddd"))
    (half / "password").unlink()
    assert servers(run="bbbbbb").server(product).fingerprint == "Fake 1.0"
    assert not half.exists()
    assert kept.exists()


def test_data_that_were_swept_away_are_made_anew(servers, product, temporary):
    """Systems sweep their temporary directory of old files; what is left of data is not taken for data."""
    servers().server(product)
    [secret] = temporary.glob("orm_testing-*/cache/*/password")
    secret.unlink()
    (secret.parent / "data" / "databases").rmdir()
    assert servers(run="bbbbbb").server(product).fingerprint == "Fake 1.0"


def test_another_recipe_is_other_data(product, temporary):
    """Data are kept per version, programs and recipe."""

    class Changed(type(product)):
        def initialise(self, instance, run):
            super().initialise(instance, run)
            (instance.data / "more").touch()

    first = private.initialised(product, product.find_local(), account_for(product))
    assert private.initialised(Changed(), product.find_local(), account_for(product)).data != first.data
    assert private.initialised(product, product.find_local(), account_for(product)) == private.Initialised(
        first.data, first.password, cold=False
    )


def test_a_lock_that_stays_held_is_told(temporary, monkeypatch):
    """A process that hangs while it holds a lock does not make the others hang in silence."""
    monkeypatch.setattr(state, "PATIENCE_WITH_OTHERS", 0.1)
    path = state.root() / "some.lock"
    with (
        state.locked(path, "starting Fake"),
        pytest.raises(
            ConfigurationError,
            match=r"another process has been starting Fake for 0.1 s \(.*some.lock is locked\)",
        ),
        state.locked(path, "starting Fake"),
    ):
        pass


def test_records_are_for_this_user_alone(servers, product):
    """The file that holds a server's URL can be read by nobody else."""
    servers().server(product)
    record = runs.directory("aaaaaa") / "fake" / "record.json"
    assert record.stat().st_mode & 0o777 == 0o600
    assert "root:" in record.read_text()
