"""Faults between a driver and its server."""
