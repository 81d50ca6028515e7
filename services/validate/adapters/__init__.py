"""The outside of validate: the reports on file, a deployment's folder of rules."""
