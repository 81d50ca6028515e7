"""Printed tables against the declared forms: rows, columns, what each cell says, what did not fit."""
