"""What an operator can set for the sink service."""

from typing import Annotated

from pydantic import AliasChoices, Field

from shared.runtime.paths import WrittenDatabase
from shared.runtime.settings import Settings


class SinkSettings(Settings):
    """The common settings, and how much runs at a time."""

    database_url: WrittenDatabase = Field(
        "sqlite:///data/gouji.db", repr=False, description="SQLAlchemy database URL."
    )
    loops: Annotated[int, Field(ge=1, le=64)] = Field(
        8,
        validation_alias=AliasChoices("GOUJI_SINK_LOOPS", "GOUJI_LOOPS"),
        description="Messages one sink process handles at a time.",
    )
