"""The outside of validate: the reports on file."""
