"""What can go wrong, named by the rule that was broken. ``web/errors.py`` alone knows status codes.

The message is in Chinese, in the user's words, and is the key of its translation; ``facts`` fill its
``%(name)s`` places.
"""

from typing import Any

from engine.domain.said import Said, say


class DomainError(Exception):
    def __init__(self, code: str, message: str, /, **facts: Any):
        super().__init__(message % facts if facts else message)
        self.code = code
        self.message = message
        self.facts = facts

    @property
    def said(self) -> Said:
        """The sentence, with its facts, for a reader of any language."""
        return say(self.message, **self.facts)


class NotFound(DomainError):
    """There is no such thing, or the person may not know that there is."""


class NotAllowed(DomainError):
    """The person may see it but not do this."""


class Conflict(DomainError):
    """Somebody was faster, or the form is older than the case."""


class Refused(DomainError):
    """A rule of the procedure or the register forbids it."""


class Invalid(DomainError):
    """The form has faults; ``fields`` says where: field name -> messages."""

    def __init__(self, fields: dict[str, list[str]], message: str = "请更正表单中标出的内容"):
        super().__init__("invalid", message)
        self.fields = fields
