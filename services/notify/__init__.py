"""Failures and verdicts → signed HTTP requests to subscribers who have no NATS client."""
