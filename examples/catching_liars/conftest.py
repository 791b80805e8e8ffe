"""Broken drivers, each derived from the one that keeps the contract, and each under a name of its own."""

from liars import (
    AnswersOnes,
    Dead,
    Forgets,
    HalfWrites,
    KeepsDeleted,
    NeverRollsBack,
    ResetsOthers,
    SkipsRows,
)

from orm_testing import register_backend

register_backend("forgets", driver=Forgets)
register_backend("keeps_deleted", driver=KeepsDeleted)
register_backend("half_writes", driver=HalfWrites)
register_backend("resets_others", driver=ResetsOthers)
register_backend("skips_rows", driver=SkipsRows)
register_backend("answers_ones", driver=AnswersOnes)
register_backend("never_rolls_back", driver=NeverRollsBack)
register_backend("dead", driver=Dead)
