"""Putting mutants before a suite: the kit, or anyone's."""
