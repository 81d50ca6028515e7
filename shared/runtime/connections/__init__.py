"""Connections to the bus: where it is, who we are, what it refuses us, its own server on one machine."""
