"""Deterministic simulation: the real handlers and guard over a made-up world, everything decided by a seed."""
