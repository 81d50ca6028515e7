"""`python -m services.normalize`."""

from services.normalize.app import app
from shared.runtime.process import run

if __name__ == "__main__":
    run(app)
