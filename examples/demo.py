"""Runs every example in its own folder, on what needs no server, and ends with what ran on which backend."""

import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

EXAMPLES = Path(__file__).parent
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore"]
STAND_INS = ("mongodb", "dynamodb", "redis", "s3")
EMBEDDED = [
    "-m", " or ".join(["not external_services", *STAND_INS]), *(f"--orm-service={name}=stand-in" for name in STAND_INS)
]  # fmt: skip
BACKEND = re.compile(r"^(\w+) +((?:\d+ [a-z ]+(?:, )?)+)  in [\d.]+s", re.MULTILINE)


def main():
    states = defaultdict(Counter)
    broken = []
    for folder in sorted(path.parent for path in EXAMPLES.glob("*/pytest.ini")):
        done = subprocess.run(
            PYTEST + EMBEDDED, cwd=folder, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False
        )
        print(f"{folder.name:<28}{done.stdout.strip().splitlines()[-1]}", flush=True)
        if done.returncode:
            broken.append(folder.name)
            print(done.stdout)
        for backend, counts in BACKEND.findall(done.stdout):
            for count in counts.split(", "):
                number, state = count.split(" ", 1)
                states[backend][state] += int(number)
    print("\nall examples, by backend:")
    for backend, counts in sorted(states.items()):
        print(f"  {backend:<18}{', '.join(f'{number} {state}' for state, number in counts.items())}")
    return f"examples that failed: {', '.join(broken)}" if broken else 0


if __name__ == "__main__":
    sys.exit(main())
