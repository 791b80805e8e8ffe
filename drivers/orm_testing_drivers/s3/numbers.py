"""`Numbers`: the keys that the store makes, counted in an object per model."""

from orm_testing_drivers.s3.objects import Objects


class Numbers:
    """What is known of a counter is good until a reset: `forget` it then. Who was overtaken reads it again."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._known: dict[str, tuple[int, str]] = {}

    def take(self, counter: str, number: int) -> int:
        """Take this many; the first of them."""
        while True:
            last = self._last(counter)
            if self._advanced(counter, last + number):
                return last + 1

    def reach(self, counter: str, number: int) -> None:
        """Make none up to this one any more."""
        while self._last(counter) < number:
            self._advanced(counter, number)

    def forget(self) -> None:
        self._known.clear()

    def _last(self, counter: str) -> int:
        if counter not in self._known:
            found = self._objects.get(counter)
            if found is None:
                return 0
            self._known[counter] = int(found[0]), found[1]
        return self._known[counter][0]

    def _advanced(self, counter: str, number: int) -> bool:
        known = self._known.pop(counter, None)
        content = b"%d" % number
        objects = self._objects
        tag = objects.put_over(counter, content, known[1]) if known else objects.put_new(counter, content)
        if tag is None:
            return False
        self._known[counter] = number, tag
        return True
