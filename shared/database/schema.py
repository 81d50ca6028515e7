"""Every table of the database in one place: whoever needs them all imports this module."""

from shared.database import comparisons, reviews, tables
from shared.database.base import Base

METADATA = Base.metadata
"""All tables; the imports above are what makes it complete."""

__all__ = ["METADATA", "comparisons", "reviews", "tables"]
