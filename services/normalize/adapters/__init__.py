"""The doors of normalize: the office converter, character recognition, isolated readers."""
