"""Checked by mypy and pyright, never run: what the public names mean to a type checker."""
