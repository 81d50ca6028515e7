"""The wire: every event with its version, and the subjects they travel on."""
