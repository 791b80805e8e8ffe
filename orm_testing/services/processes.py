"""Processes of servers: begun so that no crash of ours loses sight of one, known again, and ended by their id."""

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from orm_testing.services.accounts import Account, as_account, environment

_POSIX = os.name == "posix"
_NOTED = 'echo $$ > "$0"; exec "$@"'
"""The process notes its own id before it becomes the server, so that there is no moment at which nobody knows it."""
_LOG_LINES = 50
_KILLED_WITHIN = 10.0


def launch(
    command: Sequence[str], account: Account | None, pid_file: Path, log: Path
) -> subprocess.Popen[bytes]:
    """Begin a server, out of reach of this terminal's Ctrl-C; what it says is added to the log."""
    words = [str(word) for word in command]
    pid_file.write_text("", encoding="ascii")
    if account is not None:
        os.chown(pid_file, account.uid, account.gid)
    options: dict[str, Any] = as_account(account)
    if _POSIX:
        words = ["/bin/sh", "-c", _NOTED, str(pid_file), *words]
        options["start_new_session"] = True
    with log.open("ab") as said:
        process = subprocess.Popen(  # noqa: S603  (the command of a product)
            words,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=environment(),
            **options,
        )
    if not _POSIX:
        pid_file.write_text(str(process.pid), encoding="ascii")
    return process


def let_go(process: subprocess.Popen[bytes]) -> None:
    """From now on the process is known by its id and its command line; nobody is to complain that it still runs."""
    process.returncode = 0


def stop(process: subprocess.Popen[bytes], how: int) -> None:
    """End a process that this one began, and wait for it."""
    if process.poll() is None:
        process.send_signal(how)
        if not ended(process.pid, _KILLED_WITHIN):
            process.kill()
    process.wait()


def noted_in(pid_file: Path) -> int | None:
    """The id that a process noted, if it came to it."""
    try:
        return int(pid_file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def command_line(pid: int) -> str:
    """The command line of a process; nothing where it has ended, whether or not anybody has waited for it."""
    if Path("/proc/self/cmdline").exists():
        try:
            return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" "))
        except OSError:
            return ""
    ask = f"(Get-CimInstance Win32_Process -Filter ProcessId={pid}).CommandLine"
    words = (
        ["ps", "-ww", "-o", "command=", "-p", str(pid)]
        if _POSIX
        else ["powershell", "-NoProfile", "-Command", ask]
    )
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout  # noqa: S603


def runs(pid: int | None, data: Path) -> bool:
    """Whether this process is the server of that data directory, and not another that got its id since."""
    return pid is not None and str(data) in command_line(pid)


def ended(pid: int, seconds: float) -> bool:
    """Wait for a process to end, whoever began it; False where it still runs."""
    if hasattr(os, "pidfd_open"):
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            return True
        except OSError:
            return _seen_to_end(pid, seconds)
        try:
            return bool(select.select([descriptor], [], [], max(seconds, 0))[0])
        finally:
            os.close(descriptor)
    return _seen_to_end(pid, seconds)


def end(pid: int | None, data: Path, how: int) -> None:
    """Ask the server of that data directory to stop, by the signal that it knows; end it where it does not."""
    if pid is None or not runs(pid, data):
        return
    for each in (how, getattr(signal, "SIGKILL", signal.SIGTERM)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, each)
        if ended(pid, _KILLED_WITHIN):
            break
    if _POSIX:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def last_lines(log: Path) -> str:
    """The end of a server's log, each line set in."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    return last_of(lines)


def last_of(lines: list[str]) -> str:
    """As `last_lines`, of a log that is no file."""
    shown = lines[-_LOG_LINES:]
    which = f"last {len(shown)} lines of its log" if len(lines) > len(shown) else "its log"
    return f"\n{which}:\n" + "\n".join(f"    {line}" for line in shown) if shown else "\nits log is empty."


def _seen_to_end(pid: int, seconds: float) -> bool:
    """For systems on which a process that somebody else began cannot be waited for."""
    deadline = time.monotonic() + seconds
    while command_line(pid).strip():
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.01)
    return True
