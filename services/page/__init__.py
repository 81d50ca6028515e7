"""The review page: what was read and found, drawn for people, and the place where they decide."""
