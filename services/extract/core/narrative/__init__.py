"""Counted figures and statements of the running text."""
