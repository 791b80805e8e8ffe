"""The ten anomalies of the Hermitage catalogue (by Martin Kleppmann, after Adya and Bailis), each as scripts that show it.

A level lets an anomaly through where any of its scripts comes to it. The second script of a pair writes in between: there are
levels that keep a transaction from an anomaly only as long as it reads.
"""

from collections.abc import Mapping, Sequence

from orm_testing.kit.support.playing import Play, Script

FLEETING = 101
"""A value that is never committed."""


def dirty_write(play: Play) -> bool:
    """Two transactions write two rows, and each has the last word on one."""
    one, two = play.one, play.two
    one.writes("a", 11)
    two.writes("a", 12)
    one.writes("b", 21)
    one.commits()
    two.writes("b", 22)
    two.commits()
    if not play.committed(one, two):
        return False
    play.three.reads("a")
    play.three.reads("b")
    play.three.commits()
    play.committed(play.three)
    return play.three.seen in ([11, 22], [12, 21])


def aborted_read(play: Play) -> bool:
    """A transaction reads what another one wrote and took back."""
    one, two = play.one, play.two
    one.writes("a", FLEETING)
    two.reads("a")
    one.rolls_back()
    two.reads("a")
    two.commits()
    return play.committed(two) and FLEETING in two.seen


def intermediate_read(play: Play) -> bool:
    """A transaction reads what another one wrote, and wrote over before it committed."""
    one, two = play.one, play.two
    one.writes("a", FLEETING)
    two.reads("a")
    one.writes("a", 11)
    one.commits()
    two.reads("a")
    two.commits()
    return play.committed(one, two) and FLEETING in two.seen


def circular_flow(play: Play) -> bool:
    """Two transactions each read what the other wrote."""
    one, two = play.one, play.two
    one.writes("a", 11)
    two.writes("b", 22)
    one.reads("b")
    two.reads("a")
    one.commits()
    two.commits()
    return play.committed(one, two) and (one.seen, two.seen) == ([22], [11])


def vanishing(play: Play) -> bool:
    """A transaction sees what another one did, and then a row as it was before that one."""
    one, two, three = play.one, play.two, play.three
    one.writes("a", 11)
    one.writes("b", 19)
    two.writes("a", 12)
    one.commits()
    three.reads("a")
    three.reads("b")
    two.writes("b", 18)
    two.commits()
    three.reads("b")
    three.reads("a")
    three.commits()
    writers = {10: 0, 20: 0, 11: 1, 19: 1, 12: 2, 18: 2}
    return play.committed(one, two, three) and not _ascending([writers[value] for value in three.seen])


def phantom(play: Play) -> bool:
    """A transaction finds a row that was not there when it looked before."""
    one, two = play.one, play.two
    one.finds(30)
    two.creates("c", 30)
    two.commits()
    one.finds(30)
    one.commits()
    return play.committed(one, two) and one.seen == [[], ["c"]]


def phantom_once_written(play: Play) -> bool:
    """The same, once the transaction has written to the row itself."""
    one, two = play.one, play.two
    one.finds(30)
    two.writes("b", 30)
    two.commits()
    one.marks("b")
    one.finds(30)
    one.commits()
    return play.committed(one, two) and one.seen == [[], ["b"]]


def lost_update(play: Play) -> bool:
    """Two transactions read a row and then write it: one never saw what it wrote over."""
    one, two = play.one, play.two
    one.reads("a")
    two.reads("a")
    one.writes("a", 11)
    two.writes("a", 12)
    one.commits()
    two.commits()
    return play.committed(one, two) and one.seen == two.seen == [10]


def unrepeatable_read(play: Play) -> bool:
    """A transaction reads a row twice, and not the same."""
    one, two = play.one, play.two
    one.reads("a")
    two.writes("a", 12)
    two.commits()
    one.reads("a")
    one.commits()
    return play.committed(one, two) and one.seen == [10, 12]


def read_skew(play: Play) -> bool:
    """A transaction reads one row as it was before another transaction, and one as it was after it."""
    one, two = play.one, play.two
    one.reads("a")
    two.writes("a", 12)
    two.writes("b", 18)
    two.commits()
    one.reads("b")
    one.commits()
    return play.committed(one, two) and one.seen == [10, 18]


def read_skew_once_written(play: Play) -> bool:
    """The same, once the transaction has written to the second row itself."""
    one, two = play.one, play.two
    one.reads("a")
    two.writes("a", 12)
    two.writes("b", 18)
    two.commits()
    one.marks("b")
    one.reads("b")
    one.commits()
    return play.committed(one, two) and one.seen == [10, 18]


def write_skew(play: Play) -> bool:
    """Two transactions read the same two rows, and each writes one of them."""
    one, two = play.one, play.two
    for actor in (one, two):
        actor.reads("a")
        actor.reads("b")
    one.writes("a", 11)
    two.writes("b", 21)
    one.commits()
    two.commits()
    return play.committed(one, two) and one.seen == two.seen == [10, 20]


def phantom_skew(play: Play) -> bool:
    """Two transactions find nothing, and each creates what the other one looked for."""
    one, two = play.one, play.two
    one.finds(30)
    two.finds(30)
    one.creates("c", 30)
    two.creates("d", 30)
    one.commits()
    two.commits()
    return play.committed(one, two) and one.seen == two.seen == [[]]


def read_only_skew(play: Play) -> bool:
    """A transaction that only reads sees an order of two others that neither of them can have happened in."""
    one, two, three = play.one, play.two, play.three
    one.reads("a")
    one.reads("b")
    two.writes("b", 25)
    two.commits()
    three.reads("a")
    three.reads("b")
    three.commits()
    one.writes("a", 0)
    one.commits()
    return play.committed(one, two, three) and (one.seen, three.seen) == ([10, 20], [10, 25])


def _ascending(numbers: Sequence[int]) -> bool:
    return list(numbers) == sorted(numbers)


ANOMALIES: Mapping[str, Sequence[Script]] = {
    "G0": (dirty_write,),
    "G1a": (aborted_read,),
    "G1b": (intermediate_read,),
    "G1c": (circular_flow,),
    "OTV": (vanishing,),
    "PMP": (phantom, phantom_once_written),
    "P4": (lost_update,),
    "G-single": (unrepeatable_read, read_skew, read_skew_once_written),
    "G2-item": (write_skew,),
    "G2": (phantom_skew, read_only_skew),
}
"""By the catalogue's name of each, what shows it."""
