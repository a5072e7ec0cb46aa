"""The rarer ways to sign: what an identity provider vouches for, machines, services."""

from __future__ import annotations

import json
from dataclasses import replace

from tests import records
from tests.records import Record
from tests.scenarios.case import Case
from tests.scenarios.policies import Policy
from tests.scenarios.world import Caller, Principal, moved

__all__ = ["federation_token", "forwarded", "oidc", "saml", "workload"]


def saml(case: Case, role: Principal, *, recorded: bool = True) -> Caller:
    """Return a session that an identity provider vouches for."""
    opener = {"type": "SAMLUser", "principalId": "abc:carol", "userName": "carol@example.com"}
    return case.role_session(
        role, event="AssumeRoleWithSAML", opener=opener, recorded=recorded,
        name="carol@example.com",
    )  # fmt: skip


def oidc(case: Case, role: Principal) -> Caller:
    """Return a session of a web identity."""
    provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
    context = {"webIdFederationData": {"federatedProvider": provider, "attributes": {}}}
    return case.role_session(
        role, event="AssumeRoleWithWebIdentity", name="GitHubActions", context=context
    )


def federation_token(case: Case, user: Principal, policy: Policy) -> Caller:
    """Return a session of GetFederationToken."""
    key = case.world.key("ASIA")
    identity: Record = {
        "type": "FederatedUser",
        "principalId": f"{case.account.id}:Dave",
        "arn": f"arn:aws:sts::{case.account.id}:federated-user/Dave",
        "accountId": case.account.id,
        "accessKeyId": key,
        "sessionContext": {
            "sessionIssuer": records.user(user.name, None),
            "attributes": {"creationDate": case.time, "mfaAuthenticated": "false"},
        },
    }
    identity = moved(identity, case.account)
    request = {"name": "Dave", "policy": json.dumps(policy.document())}
    case.issue("GetFederationToken", key, case.key(user).identity, request)
    return Caller(user, identity, None, case.now.replace(microsecond=0), session_policy=policy)


def workload(case: Case, role: Principal, kind: str) -> Caller:
    """Return a session of a machine's role."""
    if kind == "ec2":
        name = f"i-0{case.names['hex']}"
        context = {"ec2RoleDelivery": "2.0"}
        return case.role_session(role, name=name, context=context, shown=False)
    opener = records.service("lambda.amazonaws.com")
    return case.role_session(role, name="resize-image", opener=opener, shown=False)


def forwarded(case: Case, caller: Caller, service: str = "athena.amazonaws.com") -> Caller:
    """Return a service that calls with the caller's credentials."""
    return replace(
        caller,
        identity=caller.identity | {"invokedBy": service},
        mfa=False if caller.long_term else caller.mfa,
        issued=caller.issued or case.now.replace(microsecond=0),
        forwarded=True,
        fields={"sourceIPAddress": service, "userAgent": service},
    )
