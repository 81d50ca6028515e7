"""Judging a record by the rulebook. Pure: values in, values out."""
