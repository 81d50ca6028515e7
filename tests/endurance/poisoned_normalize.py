"""The normalize service with readers that obey misdeeds: `python -m tests.endurance.poisoned_normalize`."""

from services.normalize.adapters import workshop
from shared.runtime.process import run
from tests.endurance import misdeeds

if __name__ == "__main__":
    # before the app is assembled, which takes the class as it finds it
    workshop.Workshop = misdeeds.Workshop  # type: ignore[misc]
    from services.normalize.app import app

    run(app)
