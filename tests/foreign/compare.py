"""Compare the evaluator with one that others wrote: ``@cloud-copilot/iam-simulate``, from npm.

::

    npm install --prefix /tmp/iam-simulate @cloud-copilot/iam-simulate@0.1.173
    python -m tests.foreign.compare --requests 20000 --seed 1

Both are asked the same requests, made up by chance (``cases.py``). Where the answers differ, the
case is made as small as it goes and held against the known differences (``differences.py``). What
none of them explains is printed, and the exit status is 1; else it is 0.

The other evaluator is under the AGPL. It runs as a program of its own (``evaluate.mjs``) in the
folder where whoever runs the comparison has installed it: nothing here contains or imports it,
nothing depends on it, and pytest does not collect this.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from random import Random
from shutil import which
from tempfile import gettempdir
from typing import Any

from cloudtrail_mfa.iam import Caller, Context, Decision, Policies, Policy, Request, evaluate
from tests.foreign.cases import ANONYMOUS, EVERYONE, FULL, ROLES, ROOT, SERVICE, Case, case
from tests.foreign.differences import KNOWN, statements

PACKAGE, TRIED = "@cloud-copilot/iam-simulate", "0.1.173"
BRIDGE = Path(__file__).with_name("evaluate.mjs")
VERSION = "2012-10-17"


class Refused(Exception):
    """The other evaluator does not answer a case."""


class Foreign:
    """The other evaluator, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            ["node", BRIDGE, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def allows(self, asked: Case) -> bool:
        """Whether it allows a request.

        Raises
        ------
        Refused
            If it does not take the request, or not all of it.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(_simulation(asked)) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "refused" in answer or answer["ignored"]:
            raise Refused(json.dumps(answer))
        return bool(answer["result"] == "Allowed")

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def _simulation(asked: Case) -> dict[str, Any]:
    """Return a case as the other evaluator takes it."""
    found, caller = asked["policies"], asked["caller"]
    # It does not know that an account's root user may do everything.
    identity = [_document(FULL)] if caller == ROOT else found["identity"]
    simulation = {
        "request": {
            "principal": {"type": "Anonymous"} if caller == ANONYMOUS else caller,
            "action": asked["action"],
            "resource": {"resource": asked["resource"], "accountId": asked["owner"]},
            "contextVariables": asked["context"],
        },
        "identityPolicies": _with_names(identity),
        "serviceControlPolicies": _levels(found["scps"]),
        "resourceControlPolicies": _levels(found["rcps"]),
        "resourcePolicy": next(iter(found["resource"]), None),
        "sessionPolicy": next(iter(found["session"]), None),
        "permissionBoundaryPolicies": _with_names(found["boundary"]),
        "vpcEndpointPolicies": _with_names(found["vpc_endpoint"]),
    }
    return {key: value for key, value in simulation.items() if value is not None}


def _document(*found: dict[str, Any]) -> dict[str, Any]:
    return {"Version": VERSION, "Statement": list(found)}


def _with_names(documents: list[Any]) -> list[dict[str, Any]]:
    return [{"name": str(place), "policy": found} for place, found in enumerate(documents)]


def _levels(levels: list[Any]) -> list[dict[str, Any]]:
    return [
        {"orgIdentifier": str(place), "policies": _with_names(found)}
        for place, found in enumerate(levels)
    ]


def decide(asked: Case) -> Decision:
    """Ask this project's evaluator."""
    found = asked["policies"]
    always = _document(FULL | EVERYONE)  # RCPFullAWSAccess, which the other adds by itself
    request = Request(
        _caller(asked["caller"]),
        asked["action"],
        asked["resource"],
        Context.of(asked["context"]),
        asked["owner"],
    )
    policies = Policies(
        identity=_parsed(found["identity"]),
        resource=_parsed(found["resource"]),
        boundary=_parsed(found["boundary"]),
        session=_parsed(found["session"]),
        scps=[_parsed(level) for level in found["scps"]],
        rcps=[_parsed([always, *level]) for level in found["rcps"]],
        vpc_endpoint=_parsed(found["vpc_endpoint"]),
        resource_must_allow=asked["must"],
    )
    return evaluate(request, policies)


def _caller(text: str) -> Caller:
    if text == ANONYMOUS:
        return Caller("anonymous")
    if text == SERVICE:
        return Caller("service", service=text)
    return Caller.of_arn(text, role_arn=ROLES.get(text))


def _parsed(documents: list[Any]) -> list[Policy]:
    return [Policy.parse(document) for document in documents]


def shrink(asked: Case, foreign: Foreign) -> Case:
    """Take away from a case what the difference does not need."""
    ours = decide(asked).allowed
    found: Case | None = asked
    while found is not None:
        asked = found
        found = next((less for less in _smaller(asked) if _differs(less, ours, foreign)), None)
    return asked


def _differs(asked: Case, ours: bool | None, foreign: Foreign) -> bool:
    try:
        return decide(asked).allowed is ours and foreign.allows(asked) is not ours
    except Refused:
        return False


def _smaller(asked: Case) -> Iterator[Case]:
    """Yield cases that lack one thing each."""
    for key in asked["context"]:
        less = deepcopy(asked)
        del less["context"][key]
        yield less
    for path in _paths(asked["policies"], ()):
        less = deepcopy(asked)
        holder = less["policies"]
        for step in path[:-1]:
            holder = holder[step]
        if _lose(holder, path[-1], asked):
            yield less


def _paths(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    steps = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for step, inner in steps:
        yield (*path, step)
        yield from _paths(inner, (*path, step))


def _lose(holder: Any, step: Any, asked: Case) -> bool:
    """Take a part away, or make it plainer; whether that left a case of the same kind."""
    value = holder[step]
    if isinstance(holder, list):
        # What is left has to be a policy still; only a kind of policies may have none.
        kinds = asked["policies"].items()
        kind = next((name for name, found in kinds if found == holder), None)
        if len(holder) == 1 and (kind is None or (kind == "resource" and asked["must"])):
            return False
        del holder[step]
    elif step in ("NotAction", "NotResource"):
        del holder[step]
        holder[step.removeprefix("Not")] = "*"
    elif step in ("Action", "Resource") and value != "*":
        holder[step] = "*"
    elif isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        holder[step] = value[0]
    elif step == "Condition" or (isinstance(value, dict) and "Principal" not in step):
        del holder[step]
    else:
        return False
    return True


def doubt(asked: Case, decision: Decision) -> str:
    """Say in a few words why this project's evaluator cannot tell."""
    unsure = [match.statement for match in decision.matches if match.truth is None]
    if any(statement.not_principal for statement in unsure):
        return "NotPrincipal names a part of the caller's session, role and account"
    if not unsure and any("Principal" in statement for _, statement in statements(asked)):
        return "a grant to everyone beside a boundary or session policy that leaves it out"
    return "other"


class Tally:
    """What came of the requests, by kind."""

    def __init__(self) -> None:
        self.same = Counter[bool]()
        self.doubts = Counter[str]()
        self.refused = Counter[str]()
        self.known = Counter[str]()
        self.unknown: list[tuple[bool, Case]] = []

    def ask(self, asked: Case, foreign: Foreign) -> None:
        """Ask both evaluators."""
        decision = decide(asked)
        try:
            theirs = foreign.allows(asked)
        except Refused as refusal:
            self.refused[str(refusal)] += 1
            return
        if decision.allowed is None:
            self.doubts[doubt(asked, decision)] += 1
        elif decision.allowed is theirs:
            self.same[theirs] += 1
        else:
            self._explain(decision.allowed, shrink(asked, foreign))

    def _explain(self, ours: bool, least: Case) -> None:
        found = next((kind.name for kind in KNOWN if kind.explains(least)), None)
        if found is None:
            self.unknown.append((ours, least))
        else:
            self.known[found] += 1

    def lines(self) -> Iterator[str]:
        """Yield the report."""
        yield f"{self.same[True]} allowed by both, {self.same[False]} denied by both"
        for name, count in self.doubts.most_common():
            yield f"This project's evaluator cannot tell: {count}, {name}"
        for name, count in self.refused.most_common():
            yield f"The other evaluator refuses: {count}, {name}"
        for kind in KNOWN:
            if self.known[kind.name]:
                yield f"Known difference: {self.known[kind.name]}, {kind.name}"
                yield f"    {kind.why} {kind.page}"
        for ours, least in self.unknown:
            answers = "allowed here, denied there" if ours else "denied here, allowed there"
            yield f"UNKNOWN DIFFERENCE: {answers}: {json.dumps(least)}"


def compare(foreign: Foreign, requests: int, seed: int) -> bool:
    """Ask both, print what comes of it, and return whether every difference is known."""
    chance = Random(seed)  # noqa: S311
    tally = Tally()
    for _ in range(requests):
        tally.ask(case(chance), foreign)
    sys.stdout.write(f"{requests} requests, seed {seed}: " + "\n".join(tally.lines()) + "\n")
    return not tally.unknown


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.foreign.compare")
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(gettempdir()) / "iam-simulate")
    options = parser.parse_args()
    if which("node") is None or not (options.folder / "node_modules" / PACKAGE).is_dir():
        sys.stderr.write(
            f"Install Node.js 20 or later and, with npm install --prefix {options.folder}"
            f" {PACKAGE}@{TRIED}, the other evaluator.\n"
        )
        return 2
    foreign = Foreign(options.folder)
    try:
        return 0 if compare(foreign, options.requests, options.seed) else 1
    finally:
        foreign.close()


if __name__ == "__main__":
    sys.exit(main())
