"""What the library says of made-up worlds, beside what is true of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import pandas as pd

from cloudtrail_mfa import Evidence, Lake
from tests.records import file_name, write_log
from tests.scenarios import (
    of_changes,
    of_coincidences,
    of_credentials,
    of_experiments,
    of_habits,
    of_policies,
    of_strangers,
    of_texts,
)
from tests.scenarios.case import Case
from tests.scenarios.export import write_evidence
from tests.scenarios.registry import SITUATIONS, Situation
from tests.scenarios.world import World

__all__ = ["SURE", "generate", "judge"]

SURE = ("proven", "observed", "stated")
"""What must never be wrong."""

STORIES = (
    of_changes,
    of_coincidences,
    of_credentials,
    of_experiments,
    of_habits,
    of_policies,
    of_strangers,
    of_texts,
)
"""The modules whose situations are in the registry."""

_PER_WORLD = 600
_WITH_EVIDENCE = 3  # one world in as many comes with its policies


def generate(cases: int, seed: int) -> Iterator[World]:
    """Yield worlds that hold so many refused calls together, the same for a seed.

    In the first, each kind of situation occurs; else they come as often as their weights say.
    """
    random = Random(seed)  # noqa: S311
    weights = [found.weight for found in SITUATIONS.values()]
    number = made = 0
    while made < cases:
        world = World(random, number)
        for found in SITUATIONS.values() if number == 0 else ():
            _tell_until_refused(world, found)
        while len(world.labels) < min(_PER_WORLD, cases - made):
            (found,) = random.choices(list(SITUATIONS.values()), weights)
            found.story(Case(world, found.name, found.account))
        made += len(world.labels)
        number += 1
        yield world


def _tell_until_refused(world: World, found: Situation) -> None:
    """Let a situation happen until chance has somebody refused in it."""
    before = len(world.labels)
    while len(world.labels) == before:
        found.story(Case(world, found.name, found.account))


def judge(worlds: Sequence[World], folder: Path) -> pd.DataFrame:
    """Return a row for each refused call, as it is and as the library judges it.

    Parameters
    ----------
    worlds
        What happened.
    folder
        Where logs, lake and evidence are written.

    Returns
    -------
    pandas.DataFrame
        With ``situation``, ``true_cause``, ``also`` (causes that fit as well), ``true_mfa``, the
        library's columns, ``by`` (``logs``, or ``policies`` where the call was judged with
        evidence) and ``right``; a call that the library misses, or one that it calls refused and
        was not, has ``cause`` or ``true_cause`` null.
    """
    for world in worlds:
        for part, records in enumerate((world.records, world.again)):
            name = file_name(unique=f"{world.number:08d}{part:08d}")
            write_log(folder / "logs" / name, records)
        if world.number % _WITH_EVIDENCE == 1:
            write_evidence(world, folder / "evidence")
    lake = Lake(folder / "lake")
    assert lake.ingest(folder / "logs").complete
    judged = [lake.denials().assign(by="logs")]
    if (folder / "evidence").is_dir():
        evidence = Evidence.load(folder / "evidence")
        found = lake.denials(evidence=evidence, account=list(evidence.accounts))
        judged.append(found.assign(by="policies"))
    return _compared(pd.concat(judged), _truths(worlds))


def _truths(worlds: Sequence[World]) -> pd.DataFrame:
    rows = [
        (
            event_id,
            label.situation,
            label.truth.cause,
            label.truth.also,
            label.truth.mfa_would_allow,
        )
        for world in worlds
        for event_id, label in world.labels.items()
    ]
    names = ["event_id", "situation", "true_cause", "also", "true_mfa"]
    return pd.DataFrame(rows, columns=names)


def _compared(judged: pd.DataFrame, truths: pd.DataFrame) -> pd.DataFrame:
    judged = judged.astype({"cause": object, "certainty": object})
    rows = judged.merge(truths, on="event_id", how="outer", validate="many_to_one")
    exact = rows["cause"] == rows["true_cause"]
    fits = [
        isinstance(also, frozenset) and cause in also
        for cause, also in zip(rows["cause"], rows["also"], strict=True)
    ]
    told = rows["mfa_would_allow"].notna()
    rows["told"] = rows["cause"].notna() & (rows["cause"] != "undetermined")
    rows["exact"], rows["right"] = exact, exact | pd.Series(fits, index=rows.index)
    rows["mfa_right"] = told & (rows["mfa_would_allow"].astype(object) == rows["true_mfa"])
    rows["wrong"] = (rows["told"] & ~rows["right"]) | (told & ~rows["mfa_right"])
    return rows
