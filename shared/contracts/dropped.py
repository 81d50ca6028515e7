"""The bucket's own notice that an object was put, changed or deleted."""

import base64
import binascii
import re
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, StringConstraints

from shared.contracts.edge import FileName

_OWN_KEY = re.compile(r"[0-9a-f]{64}/(?=.)", re.DOTALL)


class DroppedObject(BaseModel):
    """Meta data of one object as any NATS client writes it.

    Feeders of gouji use the key `<sha256>/<file name>`; from anybody else the whole key is the
    file name. `nuid` names the very bytes: an object put again has another one.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str] = "nats.object"
    subject: ClassVar[str] = "$O.inbox.M.>"

    name: FileName
    nuid: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{0,64}$")] = ""
    size: int = 0
    chunks: int = 0
    digest: str = ""
    deleted: bool = False

    @property
    def file(self) -> str:
        """The file name the object was dropped under."""
        return _OWN_KEY.sub("", self.name, count=1)

    @property
    def sha256(self) -> str | None:
        """The hash that the client noted, in hexadecimal; None where there is none."""
        _, _, encoded = self.digest.partition("=")
        try:
            digest = base64.urlsafe_b64decode(encoded)
        except (binascii.Error, ValueError):
            return None
        return digest.hex() if len(digest) == 32 else None


def object_key(document_id: str, file: str) -> str:
    """Return the key under which gouji's own feeders put a file."""
    return f"{document_id}/{file}"
