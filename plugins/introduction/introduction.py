"""Plugin: an introduction: what somebody said about themselves."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Introduction:
    """Who somebody is, in their own words; an empty field was not said."""

    name: str = ""
    region: str = ""
    job: str = ""
    needs: str = ""
    offers: str = ""
    hobbies: str = ""

    @property
    def said(self) -> tuple[str, ...]:
        """The names of the fields that were said."""
        return tuple(field for field in FIELDS if getattr(self, field))


FIELDS = tuple(field.name for field in fields(Introduction))
LONGEST = 60
"""Characters kept of one field."""
