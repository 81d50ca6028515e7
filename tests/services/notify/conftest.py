"""Files of webhooks for the tests of this folder."""

from collections.abc import Callable
from pathlib import Path

import pytest

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
WriteFile = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> WriteFile:
    """Write a file of webhooks with a secret beside it."""
    (tmp_path / "desk.secret").write_text(f"{SECRET}\n")

    def write_file(text: str) -> Path:
        path = tmp_path / "webhooks.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_file
