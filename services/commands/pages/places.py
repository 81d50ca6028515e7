"""Which regions there are, whether or not anybody reported from there."""

from services.extract.core.gazetteer.lookup import names
from services.sink.core.selection import code_prefix


def is_known(region: str) -> bool:
    """Tell whether a division has this code or a name that begins so; of townships the codes alone."""
    prefix = code_prefix(region)
    if prefix is not None:
        return any(code.startswith(prefix[:6]) for code in names())
    every = set(names().values())
    if any(name.startswith(region) for name in every):
        return True
    # a whole path, such as 浙江省杭州市
    return any(
        region.startswith(name) and is_known(region.removeprefix(name)) for name in every if name
    )
