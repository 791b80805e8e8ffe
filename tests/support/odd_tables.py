"""The odd tables of the kit, for tests of how drivers make them."""

from orm_testing.kit.support.odd_tables import Egg, Hen, Named, Odd, Odder, Plain

__all__ = ["Egg", "Hen", "Named", "Odd", "Odder", "Plain"]
