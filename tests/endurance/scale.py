"""How large a trial is: short for every change, long by hand; the waits are short ones or real ones."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Scale:
    """What can be chosen of every trial. A number of 0 leaves the choice to the trial.

    `quick` has an ack wait of 3 s in place of 30, so that a pause longer than it is short.
    """

    long: bool = False
    files: int = 0
    seconds: float = 0.0
    faults: int = 0
    seed: int = 1
    quick: bool = True

    def pick(self, short: float, long: float, chosen: float = 0.0) -> float:
        """Return what was chosen, else the number of the short or of the long form."""
        return chosen or (long if self.long else short)

    def files_of(self, short: int, long: int) -> int:
        """Return how many files to drop."""
        return int(self.pick(short, long, self.files))

    def seconds_of(self, short: float, long: float) -> float:
        """Return over how many seconds they are dropped."""
        return self.pick(short, long, self.seconds)

    def faults_of(self, short: int, long: int) -> int:
        """Return how often the fault strikes."""
        return int(self.pick(short, long, self.faults))

    def with_seed(self, seed: int) -> "Scale":
        """Return the same with another seed."""
        return replace(self, seed=seed)
