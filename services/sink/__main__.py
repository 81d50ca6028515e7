"""`python -m services.sink`."""

from services.sink.app import app
from shared.runtime.process import run

if __name__ == "__main__":
    run(app)
