"""`python -m services.validate`."""

from services.validate.app import app
from shared.runtime.process import run

if __name__ == "__main__":
    run(app)
