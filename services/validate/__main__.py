"""`python -m services.validate`; faulty rules end it with one line, not a traceback."""

import sys

from shared.errors import GoujiError
from shared.runtime.process import run

if __name__ == "__main__":
    try:
        # assembling the service reads the deployment's rules
        from services.validate.app import app
    except GoujiError as error:
        sys.exit(f"gouji: {error}")
    run(app)
