"""The kinds of situation, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.scenarios.case import Case

__all__ = ["SITUATIONS", "Situation", "situation"]

Story = Callable[[Case], None]


@dataclass(frozen=True, slots=True)
class Situation:
    """A kind of situation.

    Attributes
    ----------
    story
        What happens.
    account
        In which of a world's accounts.
    weight
        How often, beside the others.
    beyond
        What neither archive nor evidence shows, so that nobody could tell; empty where they do.
    """

    name: str
    story: Story
    account: str
    weight: float
    beyond: str


SITUATIONS: dict[str, Situation] = {}
"""Every kind of situation, by name."""


def situation(
    *, account: str = "plain", weight: float = 1, beyond: str = ""
) -> Callable[[Story], Story]:
    """Enter a story into the registry, under its own name."""

    def enter(story: Story) -> Story:
        name = story.__name__
        SITUATIONS[name] = Situation(name, story, account, weight, beyond)
        return story

    return enter
