"""One solver for the equations of the form: what they say of a cell, and what would mend them.

The reader asks it which of several readings the equations accept, the validator which smallest change
would make all broken equations of a table hold. Pure arithmetic on addresses and numbers.
"""

from shared.forms.solving.arithmetic import Look, Sums, equal, holds, implied, side
from shared.forms.solving.puzzle import Fix, Kind, Puzzle
from shared.forms.solving.solve import Solution, solve
from shared.forms.solving.system import System, system

__all__ = [
    "Fix",
    "Kind",
    "Look",
    "Puzzle",
    "Solution",
    "Sums",
    "System",
    "equal",
    "holds",
    "implied",
    "side",
    "solve",
    "system",
]  # fmt: skip
