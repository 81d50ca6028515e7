"""Faults planted in clean reports, each with the rule and the cell it must be found by.

The classes stand in the modules named here, by what they concern; each is a function that returns
None where the report gives it nothing to bite on. `TOUCHES` tells which are unrelated.
"""

from tests.support import (
    faults_cells,
    faults_dates,
    faults_structure,
    faults_tables,
    faults_text,
    faults_who,
)
from tests.support.planting import ANEW, REGISTER, TOUCHES, Fault

__all__ = ["ANEW", "FAMILIES", "FAULTS", "TOUCHES", "Fault"]

FAMILIES = (
    faults_tables, faults_cells, faults_text, faults_dates, faults_who, faults_structure,
)  # fmt: skip
"""The modules that register the classes."""
FAULTS: dict[str, Fault] = {
    name: fault
    for family in FAMILIES
    for name, fault in REGISTER.items()
    if fault.__module__ == family.__name__
}
"""Every class by name, in an order that no import changes."""
