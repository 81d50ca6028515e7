"""`python -m services.notify`."""

from services.notify.app import app
from shared.runtime.process import run

if __name__ == "__main__":
    run(app)
