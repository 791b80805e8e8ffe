"""Traces of the same test on two backends, or on two products of one: recorded, and compared operation by operation."""
