"""The generator's own decision, and the labels that follow from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.scenarios import policies as p
from tests.scenarios.decide import Call, Kind, decide, truth_of
from tests.scenarios.policies import Context, Policy, Statement

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
ALICE = "arn:aws:iam::111122223333:user/alice"
KEY = Context(NOW)
SESSION = Context(NOW, mfa=False, issued=NOW - timedelta(hours=2))
OLD = Context(NOW, mfa=True, age=7200, issued=NOW - timedelta(hours=2))
NEW = Context(NOW, mfa=True, age=60, issued=NOW - timedelta(minutes=1))

WORK = p.allow("s3:*")
FORCED = p.deny_all_but(*p.SELF_SERVICE, when=(p.IF_EXISTS_FALSE,))
OFFICE = p.deny("*", when=(p.ip_outside("203.0.113"),))


def policy(*statements: Statement) -> tuple[Policy, ...]:
    return (Policy("policy", statements),)


def call(*identity: Statement, context: Context = KEY, **fields: Any) -> Call:
    bound: dict[Kind, tuple[Policy, ...]] = {"identity": policy(*identity)}
    also = fields.pop("bound", {})
    return Call(
        fields.pop("action", "s3:GetObject"),
        "arn:aws:s3:::example-reports/a",
        context,
        (ALICE, "111122223333"),
        long_term=context is KEY,
        bound=bound | also,
        **fields,
    )


def kinds(made: Call) -> list[str]:
    return [barrier.kind for barrier in decide(made)]


def named(effect: Any, *principals: str, **fields: Any) -> tuple[Policy, ...]:
    return policy(Statement(effect, ("*",), principals=principals, **fields))


def test_nothing_passes_unless_it_is_allowed() -> None:
    """Without an Allow a call is refused, with one it passes, and a Deny wins."""
    assert kinds(call()) == ["identity"]
    assert decide(call(WORK)) == ()
    (barrier,) = decide(call(WORK, p.deny("s3:GetObject")))
    assert (barrier.kind, barrier.explicit) == ("identity", True)


@pytest.mark.parametrize("kind", ["boundary", "session", "vpc_endpoint"])
def test_limits_have_to_allow_too(kind: str) -> None:
    """A boundary, a session's policy and an endpoint's limit what identity policies give."""
    assert kinds(call(WORK, bound={kind: policy(p.allow("ec2:*"))})) == [kind]
    assert kinds(call(WORK, bound={kind: policy(p.allow("s3:*"))})) == []


def test_every_level_of_the_organization_has_to_allow() -> None:
    """One level that does not is enough; a Deny on any is, too."""
    full, narrow = policy(p.allow("*")), policy(p.allow("ec2:*"))
    assert kinds(call(WORK, levels=(full, full))) == []
    assert kinds(call(WORK, levels=(full, narrow))) == ["scp"]
    assert kinds(call(WORK, levels=(full, (*full, *policy(p.deny("s3:*")))))) == ["scp"]


def test_a_resource_that_names_the_caller_gives_within_the_account() -> None:
    """Within the account either gives; across accounts both have to; a role has to name."""
    resource: dict[Kind, tuple[Policy, ...]] = {"resource": named("Allow", ALICE)}
    assert kinds(call(bound=resource)) == []
    assert kinds(call(bound=resource, same_account=False)) == ["identity"]
    assert kinds(call(WORK, same_account=False)) == ["resource"]
    assert kinds(call(WORK, bound=resource, same_account=False)) == []
    assert kinds(call(p.allow("*"), bound={"trust": named("Allow", "x")}, must_name=True)) == [
        "trust"
    ]
    account: dict[Kind, tuple[Policy, ...]] = {"trust": named("Allow", "111122223333")}
    assert kinds(call(bound=account, must_name=True)) == ["identity"]
    assert kinds(call(p.allow("*"), bound=account, must_name=True)) == []
    assert kinds(call(bound={"trust": named("Allow", ALICE)}, must_name=True)) == []


def test_aws_itself_asks_for_mfa() -> None:
    """A session of GetSessionToken calls IAM with MFA alone."""
    asked = call(p.allow("*"), context=SESSION, session_token=True, action="iam:ListUsers")
    assert kinds(asked) == ["aws"]
    assert decide(replace(asked, context=NEW)) == ()
    assert truth_of(asked).cause == "session_without_mfa"


def test_who_one_is_everybody_may_ask() -> None:
    """GetCallerIdentity needs no permission, and no policy stops it."""
    assert decide(call(p.deny("*"), action="sts:GetCallerIdentity")) == ()


ALLOW_MFA = p.allow("s3:*", when=(p.BOOL_TRUE,))
RECENT = p.deny("*", when=(p.older_than(3600),))
STRICTLY = p.deny("*", when=(p.older_than_strictly(3600),))
REVOKED = p.deny("*", when=(p.issued_before(NOW - timedelta(hours=1)),))
BAN = p.deny("*", when=(p.KEY_BY_ISSUE,))
SCP = (policy(p.allow("*"), FORCED),)


@pytest.mark.parametrize(
    ("made", "cause", "with_mfa"),
    [
        (call(WORK, FORCED), "long_term_key", True),
        (call(WORK, BAN), "long_term_key", True),
        (call(ALLOW_MFA), "long_term_key", True),
        (call(WORK, levels=SCP), "long_term_key", True),
        (call(WORK, FORCED, context=SESSION), "session_without_mfa", True),
        (call(ALLOW_MFA, context=SESSION), "session_without_mfa", True),
        (call(WORK, RECENT, context=OLD), "mfa_expired", True),
        (call(WORK, STRICTLY, context=OLD), "mfa_expired", True),
        (call(FORCED), "mfa_not_sufficient", False),
        (call(WORK, FORCED, OFFICE), "mfa_not_sufficient", False),
        (call(WORK, OFFICE), "explicit_deny", False),
        (call(WORK, REVOKED, context=SESSION), "explicit_deny", True),
        (call(), "no_permission", False),
        (call(FORCED, context=NEW), "no_permission", False),
        (call(levels=(policy(p.allow("ec2:*")),)), "service_control_policy", False),
        (call(WORK, bound={"boundary": policy()}), "permissions_boundary", False),
        (call(WORK, bound={"session": policy()}), "session_policy", False),
        (call(WORK, bound={"vpc_endpoint": policy()}), "vpc_endpoint_policy", False),
        (call(WORK, bound={"rcp": policy(p.deny("s3:*"))}), "resource_control_policy", False),
        (call(WORK, bound={"resource": named("Deny", "*")}), "resource_policy", False),
        (
            call(p.allow("*"), bound={"trust": named("Allow", "x")}, must_name=True),
            "trust_policy",
            False,
        ),
    ],
)
def test_labels(made: Call, cause: str, *, with_mfa: bool) -> None:
    """Each refusal has the cause that the definitions give, and the question of MFA its answer."""
    truth = truth_of(made)
    assert (truth.cause, truth.mfa_would_allow) == (cause, with_mfa)


def test_a_policy_that_is_named_fits_as_well() -> None:
    """An organization's policy that demands MFA stops a key, and did stand against the call."""
    assert truth_of(call(WORK, levels=SCP)).also == {"service_control_policy"}
    assert truth_of(call(WORK, FORCED)).also == set()


def test_a_service_signs_with_a_session_of_its_own() -> None:
    """Behind a service a key is stopped as a session without MFA is: both are true."""
    made = replace(call(WORK, FORCED), forwarded=True, context=SESSION)
    truth = truth_of(made)
    assert truth.cause == "long_term_key"
    assert truth.also == {"session_without_mfa"}


def test_where_policies_never_see_mfa() -> None:
    """Of a role session that cannot show MFA, no new one would have passed."""
    truth = truth_of(call(WORK, FORCED, context=replace(NEW, mfa=None, age=None), blind=True))
    assert (truth.cause, truth.mfa_would_allow) == ("mfa_not_sufficient", False)
    assert truth.also == {"explicit_deny"}


def test_what_passes_has_no_cause() -> None:
    """There is nothing to tell of a call that passed."""
    with pytest.raises(ValueError, match="passes"):
        truth_of(call(WORK))
