"""What an operator can set for the normalize service."""

from typing import Annotated

from pydantic import AliasChoices, Field

from shared.runtime.settings import Settings


class NormalizeSettings(Settings):
    """The common settings, and how much runs at a time."""

    loops: Annotated[int, Field(ge=1, le=64)] = Field(
        8,
        validation_alias=AliasChoices("GOUJI_NORMALIZE_LOOPS", "GOUJI_LOOPS"),
        description="Messages one normalize process handles at a time.",
    )
