"""What an operator can set for the ingest service."""

from typing import Annotated

from pydantic import AliasChoices, Field

from shared.runtime.settings import Duration, Settings, seconds
from shared.runtime.topology import bucket_bytes


class IngestSettings(Settings):
    """The common settings, and how large a file may be."""

    loops: Annotated[int, Field(ge=1, le=64)] = Field(
        8,
        validation_alias=AliasChoices("GOUJI_INGEST_LOOPS", "GOUJI_LOOPS"),
        description="Messages one ingest process handles at a time.",
    )
    max_file_bytes: Annotated[int, Field(ge=1, le=1 << 30)] = Field(
        64 << 20, description="Larger files are refused unread."
    )
    reconcile_every: Duration = Field(
        seconds(15), description="How often ingest looks for documents that the bus lost."
    )

    @property
    def file_limit(self) -> int:
        """Bytes of the largest file that is taken: two must fit into the bucket, or it never would."""
        return min(self.max_file_bytes, bucket_bytes(self.bus_bytes) // 2)
