"""What runs inside worker processes, loaded there and nowhere else."""

from services.normalize.core.outcomes import Recognition


def recognition_version() -> str:
    """Return the version of the networks and of how we use them: part of every cached result's key."""
    from services.normalize.adapters.ocr.engine import VERSION  # noqa: PLC0415 - the heavy libraries

    return VERSION


def recognise(data: bytes, threads: int) -> Recognition:
    """Recognise one picture."""
    from services.normalize.adapters.ocr.recognise import (  # noqa: PLC0415 - the heavy libraries
        recognise_picture,
    )

    return recognise_picture(data, threads=threads)
