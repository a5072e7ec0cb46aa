"""Make ``sample_logs/evidence/`` and ``changes/``: the policies of the made-up account, as exported.

::

    python -m tests.generate_sample_evidence

They are the policies behind the denials of the sample logs, and a change that people make to them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.generate_sample_logs import FOLDER
from tests.records import ACCOUNT, BUCKET, MFA_FORCED

IAM = f"arn:aws:iam::{ACCOUNT}"
MFA, AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """Return a policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(*actions: str) -> dict[str, Any]:
    """Return a statement that allows some actions on everything."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*"}


# In short form the policy of AWS's own tutorial; that it has no exception for calls that services
# make is a mistake that carol meets.
FORCED = document(
    {
        "Sid": "DenyAllExceptListedIfNoMFA",
        "Effect": "Deny",
        "NotAction": [
            "iam:CreateVirtualMFADevice",
            "iam:EnableMFADevice",
            "iam:GetMFADevice",
            "iam:GetUser",
            "iam:ListMFADevices",
            "iam:ListVirtualMFADevices",
            "iam:ResyncMFADevice",
            "sts:GetCallerIdentity",
            "sts:GetSessionToken",
        ],
        "Resource": "*",
        "Condition": {"BoolIfExists": {MFA: "false"}},
    }
)
RECENT = document(
    {
        "Sid": "DenyDeleteIfMFAIsOld",
        "Effect": "Deny",
        "Action": "s3:DeleteObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/*",
        "Condition": {"NumericGreaterThanIfExists": {AGE: "3600"}},
    }
)
REGIONS = document(
    {
        "Sid": "OnlyUsEast1",
        "Effect": "Deny",
        "NotAction": ["iam:*", "sts:*", "organizations:*"],
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}},
    }
)
EVERYTHING = document(allow("*"))
EVERYTHING_OF_RESOURCES = document(allow("*") | {"Principal": "*"})


def managed(arn: str, text: dict[str, Any]) -> dict[str, Any]:
    """Return a managed policy as the export has it: its document URL-encoded."""
    version = {"Document": quote(json.dumps(text)), "VersionId": "v1", "IsDefaultVersion": True}
    return {
        "PolicyName": arn.rpartition("/")[2],
        "Arn": arn,
        "DefaultVersionId": "v1",
        "PolicyVersionList": [version],
    }


def attached(*arns: str) -> list[dict[str, str]]:
    """Return the list of a user's, group's or role's managed policies."""
    return [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in arns]


def role(name: str, trusted: dict[str, Any], *actions: str, **trust: Any) -> dict[str, Any]:
    """Return a role with one inline policy."""
    statement = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"} | trust
    return {
        "RoleName": name,
        "Arn": f"{IAM}:role/{name}",
        "AssumeRolePolicyDocument": document(statement),
        "RolePolicyList": [{"PolicyName": "access", "PolicyDocument": document(allow(*actions))}],
        "AttachedManagedPolicies": [],
    }


def details() -> dict[str, Any]:
    """Return what ``aws iam get-account-authorization-details`` prints."""
    recent = f"{IAM}:policy/MFA_Recent_For_Delete"
    anyone = {"AWS": f"{IAM}:root"}
    return {
        "UserDetailList": [
            {
                "UserName": name,
                "Arn": f"{IAM}:user/{name}",
                "UserPolicyList": [],
                "GroupList": ["Developers"],
                "AttachedManagedPolicies": [],
            }
            for name in ("alice", "bob", "carol")
        ],
        "GroupDetailList": [
            {
                "GroupName": "Developers",
                "Arn": f"{IAM}:group/Developers",
                "GroupPolicyList": [
                    {
                        "PolicyName": "work",
                        "PolicyDocument": document(
                            allow("s3:*", "ec2:Describe*", "sts:*", "athena:*")
                        ),
                    }
                ],
                "AttachedManagedPolicies": attached(MFA_FORCED, recent),
            }
        ],
        "RoleDetailList": [
            role("Admin", anyone, "*", Condition={"Bool": {MFA: "true"}}),
            role("Deploy", anyone, "dynamodb:GetItem", "lambda:*"),
            role(
                "web-server", {"Service": "ec2.amazonaws.com"}, "ec2:Describe*", "ssm:GetParameter"
            ),
            role(
                "AWSReservedSSO_ReadOnly_0123456789abcdef",
                {"Federated": f"{IAM}:saml-provider/Corp"},
                "s3:Get*",
                "s3:List*",
                Action="sts:AssumeRoleWithSAML",
            ),
        ],
        "Policies": [managed(MFA_FORCED, FORCED), managed(recent, RECENT)],
        "IsTruncated": False,
    }


def report() -> str:
    """Return what ``aws iam get-credential-report`` gives, decoded: bob has no MFA device."""
    head = (
        "user,arn,user_creation_time,password_enabled,mfa_active,access_key_1_active,"
        "access_key_1_last_rotated,access_key_1_last_used_date"
    )
    made, used = "2025-01-07T08:00:00+00:00", "2026-06-01T15:24:00+00:00"
    rows = [f"<root_account>,{IAM}:root,{made},not_supported,true,false,N/A,N/A"]
    for name, mfa, key in (("alice", True, True), ("bob", False, False), ("carol", True, True)):
        dates = f"{made},{used}" if key else "N/A,N/A"
        flags = f"true,{str(mfa).lower()},{str(key).lower()}"
        rows.append(f"{name},{IAM}:user/{name},{made},{flags},{dates}")
    return "\n".join([head, *rows]) + "\n"


# The change that ends the errors, and with them the protection of long-term keys.
LOOSE = document(FORCED["Statement"][0] | {"Condition": {"Bool": {MFA: "false"}}})


def files() -> dict[Path, dict[str, Any]]:
    """Return each file's path below ``evidence/``, and what it holds."""
    return {
        Path("account-authorization-details.json"): details(),
        Path("scp", "FullAWSAccess.json"): EVERYTHING,
        Path("scp", "OnlyUsEast1.json"): REGIONS,
        Path("rcp", "RCPFullAWSAccess.json"): EVERYTHING_OF_RESOURCES,
        Path("resource-policies.json"): {
            f"arn:aws:s3:::{BUCKET}": None,
            f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/orders": None,
            f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:db-AbCdEf": None,
        },
    }


if __name__ == "__main__":
    written = {Path("evidence", path): content for path, content in files().items()}
    (FOLDER / "evidence" / "credential-report.csv").write_text(report())
    for path, content in (written | {Path("changes", "MFA_Forced.json"): LOOSE}).items():
        target = FOLDER / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(content, indent=2) + "\n")
