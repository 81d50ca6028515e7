"""The database as both sides of it know it: tables, engines, and what its silence means."""
