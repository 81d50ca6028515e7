"""What an operator can set for the ingest service."""

from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, BeforeValidator, Field

from shared.runtime.paths import SEEN_FOLDER, WRITTEN_FOLDER
from shared.runtime.settings import Duration, OptionalText, Settings, seconds, unset
from shared.runtime.streams.topology import bucket_bytes

HttpAddress = Annotated[str, Field(pattern=r"^https?://[^\s/@]+/?$")]
"""An address without path, user or password, such as `https://store.example:9000`."""


class IngestSettings(Settings):
    """The common settings, and how large a file may be."""

    loops: Annotated[int, Field(ge=1, le=64)] = Field(
        8,
        validation_alias=AliasChoices("GOUJI_INGEST_LOOPS", "GOUJI_LOOPS"),
        description="Messages one ingest process handles at a time.",
    )
    archive_path: Annotated[Path, WRITTEN_FOLDER] = Field(
        Path("data/archive"), description="Folder of the archived bytes."
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


class FeedSettings(IngestSettings):
    """What `gouji feed` may be told besides, of an S3 bucket as the source.

    Keys come from the places that botocore knows: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, the file
    that AWS_SHARED_CREDENTIALS_FILE names, or the role of the machine.
    """

    archive_path: Annotated[Path, SEEN_FOLDER] = Field(
        Path("data/archive"), description="Folder of the archived bytes; a feeder needs none."
    )
    s3: OptionalText = Field(None, description="The objects to feed: s3://bucket/prefix.")
    s3_endpoint: Annotated[HttpAddress | None, BeforeValidator(unset)] = Field(
        None, description="Address of a store that is not Amazon's; asked path-style."
    )
    s3_region: str = Field("us-east-1", description="Region of the bucket.")
    s3_poll: Duration = Field(seconds(10), description="How often the objects are listed.")
    s3_hints: OptionalText = Field(
        None,
        description="Subject of the bus on which the store tells of new objects, as MinIO does.",
    )
