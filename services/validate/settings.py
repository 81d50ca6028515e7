"""What an operator can set for the validate service."""

from typing import Annotated

from pydantic import AliasChoices, Field

from shared.runtime.paths import SEEN_FOLDER
from shared.runtime.settings import OptionalPath, Settings


class ValidateSettings(Settings):
    """The common settings, how much runs at a time, and the deployment's own rules."""

    loops: Annotated[int, Field(ge=1, le=64)] = Field(
        8,
        validation_alias=AliasChoices("GOUJI_VALIDATE_LOOPS", "GOUJI_LOOPS"),
        description="Messages one validate process handles at a time.",
    )
    beside_loops: Annotated[int, Field(ge=1, le=64)] = Field(
        2,
        validation_alias=AliasChoices("GOUJI_VALIDATE_BESIDE_LOOPS"),
        description="Recorded reports one process compares with their neighbours at a time, and "
        "stored ones it judges again.",
    )
    rules: Annotated[OptionalPath, SEEN_FOLDER] = Field(
        None, description="Folder with the deployment's own rules and changes (*.toml)."
    )
