"""Situations by who signs: every kind of credential, against every way to demand MFA."""

from __future__ import annotations

from collections.abc import Callable

from tests.scenarios import policies as p
from tests.scenarios.case import HOME, OFFICE, Case
from tests.scenarios.guards import GUARDS, guarded, network, operation, work
from tests.scenarios.policies import Policy
from tests.scenarios.registry import situation
from tests.scenarios.signing import federation_token as federated
from tests.scenarios.signing import forwarded, oidc, saml, workload
from tests.scenarios.world import Caller

Signing = Callable[[Case, list[Policy]], Caller]


def _meet(case: Case, sign: Signing) -> None:
    """Let somebody call what they may be refused, for a reason that their policies give.

    Of four, one is asked for no MFA at all.
    """
    wanted = operation(case)
    if case.chance(0.25):
        permitted, walled = case.random.choice(((True, True), (False, False), (False, True)))
        policies = [work(case, wanted)] if permitted else []
    else:
        way = GUARDS[case.random.choice(list(GUARDS))]
        policies = guarded(case, way, wanted, permitted=case.chance(0.8))
        walled = case.chance(0.12)
    if walled:
        policies.append(network(case))
    caller = sign(case, policies)
    if case.chance(0.5):
        case.self_service(caller)
    ip = OFFICE if case.chance(0.4) else HOME
    for _ in range(case.random.randint(1, 3)):
        case.wait(1, 240)
        case.call(caller, wanted, ip=ip)


def _late(case: Case) -> None:
    """Let time pass, at times so much that MFA is old."""
    case.wait(*((3700, 20_000) if case.chance(0.5) else (1, 3000)))


@situation(weight=2)
def long_term_key(case: Case) -> None:
    """A user's key."""
    _meet(case, lambda case, policies: case.key(case.user(*policies)))


@situation()
def session_token_without_mfa(case: Case) -> None:
    """GetSessionToken, without MFA."""

    def sign(case: Case, policies: list[Policy]) -> Caller:
        key = case.key(case.user(*policies))
        return case.session_token(key, mfa=False, recorded=case.chance(0.7))

    _meet(case, sign)


@situation(weight=1.5)
def session_token_with_mfa(case: Case) -> None:
    """GetSessionToken with MFA, at times long ago."""

    def sign(case: Case, policies: list[Policy]) -> Caller:
        key = case.key(case.user(*policies))
        caller = case.session_token(key, mfa=True, recorded=case.chance(0.7))
        _late(case)
        return caller

    _meet(case, sign)


@situation(weight=1.5)
def console_user(case: Case) -> None:
    """The console, with MFA or without."""

    def sign(case: Case, policies: list[Policy]) -> Caller:
        caller = case.console(case.user(*policies), mfa=case.chance(0.4), marked=case.chance(0.7))
        _late(case)
        return caller

    _meet(case, sign)


@situation()
def console_with_akia(case: Case) -> None:
    """The S3 console, whose calls show an AKIA id together with a session's attributes."""

    def sign(case: Case, policies: list[Policy]) -> Caller:
        caller = case.console(case.user(*policies), mfa=case.chance(0.5))
        caller.identity["accessKeyId"] = case.world.key("AKIA")
        _late(case)
        return caller

    _meet(case, sign)


@situation()
def pre_authenticated_console(case: Case) -> None:
    """A sign-in by a link that was made with MFA: ConsoleLogin says No, the calls say true."""

    def sign(case: Case, policies: list[Policy]) -> Caller:
        user = case.user(*policies)
        caller = case.console(user, mfa=True)
        sign_in = case.world.records[-1]
        sign_in["additionalEventData"] = {"MFAUsed": "No"}
        _late(case)
        return caller

    _meet(case, sign)


@situation(weight=2)
def role_session(case: Case) -> None:
    """A role that a user opened, with MFA or without."""

    def sign(case: Case, policies: list[Policy]) -> Caller:
        opener = case.key(case.user())
        return case.role_session(
            case.role(*policies), by=opener, mfa=case.chance(0.5), recorded=case.chance(0.7)
        )

    _meet(case, sign)


@situation()
def chained_role(case: Case) -> None:
    """A role that another role opened: MFA does not come along."""

    def sign(case: Case, policies: list[Policy]) -> Caller:
        first = case.role_session(case.role(), by=case.key(case.user()), mfa=True)
        return case.role_session(case.role(*policies), by=first, recorded=case.chance(0.7))

    _meet(case, sign)


@situation()
def saml_session(case: Case) -> None:
    """A session that an identity provider vouches for."""
    _meet(case, lambda case, policies: saml(case, case.role(*policies), recorded=case.chance(0.7)))


@situation()
def web_identity_session(case: Case) -> None:
    """A pipeline's session, by its token."""
    _meet(case, lambda case, policies: oidc(case, case.role(*policies)))


@situation()
def identity_center_session(case: Case) -> None:
    """A person's session by IAM Identity Center."""

    def sign(case: Case, policies: list[Policy]) -> Caller:
        role = case.role(*policies, prefix="AWSReservedSSO_PowerUser_0123456789abcdef")
        return saml(case, role, recorded=case.chance(0.3))

    _meet(case, sign)


@situation()
def federation_token(case: Case) -> None:
    """GetFederationToken: the user's policies, within the one that was passed."""

    def sign(case: Case, policies: list[Policy]) -> Caller:
        passed = Policy("passed", (p.allow("*"),) if case.chance(0.7) else (p.allow("sts:*"),))
        return federated(case, case.user(*policies), passed)

    _meet(case, sign)


@situation()
def machine(case: Case) -> None:
    """An instance's or a function's role."""
    kind = case.random.choice(("ec2", "lambda"))
    _meet(case, lambda case, policies: workload(case, case.role(*policies), kind))


@situation(weight=1.5)
def forwarded_call(case: Case) -> None:
    """A service that calls with the caller's credentials."""

    def sign(case: Case, policies: list[Policy]) -> Caller:
        caller = case.key(case.user(*policies))
        if case.chance(0.4):
            caller = case.session_token(caller, mfa=case.chance(0.5))
        return forwarded(case, caller)

    _meet(case, sign)
