"""Measurements: how right and how fast. Not tests; run with `python -m benchmarks.<name>`."""
