"""What a recorded call asked for: the tags among its parameters."""

from __future__ import annotations

import pytest

from cloudtrail_mfa.evidence.parameters import tags_in
from tests.evidence.test_context import asked


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        (asked(tags=[{"key": "a", "value": "1"}]), {"a": "1"}),
        (asked(tags=[{"Key": "a", "Value": "1"}]), {"a": "1"}),
        (asked(tags={"a": "1"}), {"a": "1"}),
        (
            asked(
                tagSpecificationSet={
                    "items": [{"resourceType": "vpc", "tags": [{"key": "a", "value": "1"}]}]
                }
            ),
            {"a": "1"},
        ),
        (asked(tagSet={"items": [{"key": "a", "value": "1"}]}), {"a": "1"}),
        (asked(tags=[{"tagKey": "a", "tagValue": "1"}]), {"a": "1"}),
        (asked(tags=[{"TagKey": "a"}]), {"a": ""}),
        (asked(tags=[]), {}),
        # An object is names and values, whatever the names are.
        (asked(tags={"key": "Owner", "value": "alice"}), {"key": "Owner", "value": "alice"}),
        # What differs in case alone is one name to policies.
        (asked(tags={"Owner": "alice", "owner": "mallory"}), None),
        (asked(tags=[{"key": "a", "value": 1}]), None),
        (asked(tags=[{"key": "a", "other": "1"}]), None),
        (asked(tags=[{"key": "a", "value": "1"}, 5]), None),
        (asked(tags={"a": "1"}, tagSet=[]), None),
        (
            asked(
                tagSpecificationSet={
                    "items": [
                        {"resourceType": "vpc", "tags": [{"key": "a", "value": "1"}]},
                        {"resourceType": "subnet", "tags": []},
                    ]
                }
            ),
            None,
        ),
        ("{}", None),
        ("5", None),
        ("{", None),
        (None, None),
    ],
)
def test_tags(text: str | None, tags: dict[str, str] | None) -> None:
    """In each form in which services record them; else it is not known that there are none."""
    assert tags_in(text) == tags
