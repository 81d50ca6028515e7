"""Personal data in text: found with precision first, and masked."""

from shared.report.personal.find import Kind, Personal, find
from shared.report.personal.masking import masked, masked_issue, masked_values

__all__ = ["Kind", "Personal", "find", "masked", "masked_issue", "masked_values"]
