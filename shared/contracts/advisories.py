"""What the server itself tells of messages that it gave up: its advisories, as far as gouji needs them."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class GivenUp(BaseModel):
    """One message that will not be delivered any more: out of deliveries, or ended on somebody's word.

    `deliveries` is how often it was tried; `reason` what was said when it was ended, if anything.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    stream: str
    consumer: str
    stream_seq: int
    deliveries: int
    timestamp: datetime
    reason: str = ""

    @property
    def words(self) -> str:
        """The reason of the dead letter."""
        said = f": {self.reason}" if self.reason else ""
        return f"the bus gave this message up after {self.deliveries} deliveries{said}"[:2000]
