"""`python -m services.notify`."""

import sys

from services.notify.app import app
from services.notify.settings import NotifySettings
from shared.runtime.process import run

if __name__ == "__main__":
    if NotifySettings().webhooks is None:
        print(
            "gouji: GOUJI_WEBHOOKS: 须给出网络回调文件 · must name the file of the webhooks",
            file=sys.stderr,
        )
        sys.exit(2)
    run(app)
