"""`python -m services.ingest`."""

from services.ingest.app import app
from shared.runtime.process import run

if __name__ == "__main__":
    run(app)
