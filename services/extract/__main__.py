"""`python -m services.extract`."""

from services.extract.app import app
from shared.runtime.process import run

if __name__ == "__main__":
    run(app)
