"""The help of a command: one line for the list of commands, and what else a person should know."""

from shared.language import spoken, texts


def taught(zh: str, en: str, more_zh: str = "", more_en: str = "") -> str:
    """Return the help in the language of the reader; what is more stands below the line."""
    return "\n\n".join((spoken(zh, en), *filter(None, texts(more_zh, more_en))))
