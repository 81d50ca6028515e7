"""How commands reach a line: its folder, bus, database and rules, and what a person asks of them."""
