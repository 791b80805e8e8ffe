"""Projects whose tests need the server of `fake_service`, and a look at the processes that they leave."""

import os
from pathlib import Path

from orm_testing.services import processes

CONFTEST = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from fake_service import *
register()
"""
TESTS = """
class TestUsers(MultiBackendTestBase):
    ENABLED_BACKENDS = ["fake"]
    def get_test_models(self):
        return [User]
    @pytest.mark.parametrize("turn", range(4))
    def test_it(self, orm, turn):
        orm.create_and_verify(User, **ALICE)
"""
WAITING = """
import os, time
from pathlib import Path
TEMPORARY = Path(os.environ["TMPDIR"])
class TestUsers(MultiBackendTestBase):
    ENABLED_BACKENDS = ["fake"]
    def get_test_models(self):
        return [User]
    def test_it(self, orm):
        orm.create_and_verify(User, **ALICE)
        (TEMPORARY / "waiting").touch()
        while not (TEMPORARY / "go").exists():
            time.sleep(0.02)
"""
"""One test, which says that it runs and waits to be told to go on."""


def left_running(temporary):
    """The command lines of servers whose data lie below this directory."""
    found = [
        processes.command_line(int(path.name)) for path in Path("/proc").iterdir() if path.name.isdigit()
    ]
    return [line for line in found if f"{temporary}{os.sep}orm_testing-" in line and "fake_server" in line]
