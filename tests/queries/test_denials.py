"""denials: what counts as refused, and each form of AWS's message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cloudtrail_mfa import Lake
from tests.records import ACCOUNT, MFA_FORCED, Record, call, denied, refusal, service, write_log

USER = f"arn:aws:iam::{ACCOUNT}:user/alice"
OBJECT = "arn:aws:s3:::example-reports/2026/q2.csv"
SCP = "arn:aws:organizations::444455556666:policy/o-example/service_control_policy/p-example"
EC2 = "You are not authorized to perform this operation."
ENCODED = " Encoded authorization failure message: ywUZb4ww98QmHKSEiQ7V-q_tRmMdV6"
DETAILS = ". Go to https://console.aws.example/authorization-details/0a1b2c3d-EXAMPLE"


def view(folder: Path, named: dict[str, Record]) -> pd.DataFrame:
    lake = Lake(folder / "lake")
    records = [record | {"eventID": name} for name, record in named.items()]
    assert lake.ingest(write_log(folder / "log.json", records)).complete
    return lake.sql("select * from denials").set_index("event_id")


def said(rows: pd.DataFrame, name: str, *columns: str) -> tuple[object, ...]:
    cells = rows[list(columns)].astype(object).where(rows.notna(), None)
    return tuple(cells[column][name] for column in columns)


DENIALS = (
    "AccessDenied",
    "AccessDeniedException",
    "Client.UnauthorizedOperation",
    "UnauthorizedOperation",
    "Client.UnauthorizedAccess",
    "NotAuthorized",
    "NotAuthorizedException",
    "Forbidden",
    "ForbiddenException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "UnauthorizedException",
    "KMS.AccessDeniedException",
    "KMSAccessDeniedException",
    "EC2AccessDeniedException",
    "VpceAccessDenied",
    "Client.OperationNotPermitted",
)
OTHERS = (
    "ThrottlingException",
    "ValidationException",
    "NoSuchBucketPolicy",
    "ServiceQuotaExceededException",
    "ExpiredToken",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
    "AuthFailure",
    "Client.AuthFailure",
    "InvalidCloudWatchLogsRoleArnException",
)


@pytest.fixture(scope="module")
def codes(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Return the view for a call that failed with each code."""
    cases = {code: denied(code=code) for code in (*DENIALS, *OTHERS)}
    cases["passed"] = call()
    cases["failed sign-in"] = call("ConsoleLogin", "signin", errorMessage="Failed authentication")
    cases["no code, the message of a denial"] = call(errorMessage=refusal("s3:GetObject"))
    cases["Cognito, wrong password"] = denied(
        "InitiateAuth",
        "cognito-idp",
        code="NotAuthorizedException",
        message="Incorrect username or password.",
    )
    cases["Cognito, no permission"] = denied(
        "AdminGetUser",
        "cognito-idp",
        code="NotAuthorizedException",
        message=refusal("cognito-idp:AdminGetUser"),
    )
    cases["HEAD request"] = denied("HeadObject", message=None)
    return view(tmp_path_factory.mktemp("codes"), cases)


class TestWhatIsADenial:
    """Error codes: authorization, not authentication, not other errors."""

    @pytest.mark.parametrize("code", DENIALS)
    def test_refused_by_authorization(self, codes: pd.DataFrame, code: str) -> None:
        """Each code that services use for it."""
        assert code in codes.index

    @pytest.mark.parametrize("code", OTHERS)
    def test_failed_for_other_reasons(self, codes: pd.DataFrame, code: str) -> None:
        """Bad credentials are authentication; throttling and the like are neither."""
        assert code not in codes.index

    def test_calls_that_passed_are_none(self, codes: pd.DataFrame) -> None:
        """Nor is a sign-in that failed."""
        assert not {"passed", "failed sign-in"} & set(codes.index)

    def test_the_message_counts_where_the_code_is_missing(self, codes: pd.DataFrame) -> None:
        """AWS's words are enough."""
        assert "no code, the message of a denial" in codes.index

    def test_a_wrong_password_at_cognito_is_none(self, codes: pd.DataFrame) -> None:
        """The same code of a missing permission is."""
        assert "Cognito, wrong password" not in codes.index
        assert "Cognito, no permission" in codes.index

    def test_a_denial_without_a_message_is_one(self, codes: pd.DataFrame) -> None:
        """HEAD requests are answered without a body."""
        assert codes.loc["HEAD request", "message_form"] == "none"


def _implicit(policy: str, action: str = "s3:GetObject") -> str:
    return refusal(action, on=f'"{OBJECT}"', why=f"because no {policy} allows the {action} action")


def _explicit(policy: str, tail: str = "") -> str:
    why = f"with an explicit deny{f' in {policy}' if policy else ''}{tail}"
    return refusal("s3:GetObject", on=f'"{OBJECT}"', why=why)


# name: message, deny_kind, policy_type, policy_arn
FORMS: dict[str, tuple[str, str | None, str | None, str | None]] = {
    "bare": ("Access Denied", None, None, None),
    "bare, EC2": (EC2, None, None, None),
    "no reason, no resource": (refusal("s3:GetObject"), None, None, None),
    "no reason": (refusal("s3:GetObject", on=OBJECT), None, None, None),
    "encoded": (EC2 + ENCODED, None, None, None),
    "implicit, identity": (_implicit("identity-based policy"), "implicit", "identity", None),
    "implicit, resource": (_implicit("resource-based policy"), "implicit", "resource", None),
    "implicit, session": (_implicit("session policy"), "implicit", "session", None),
    "implicit, service control": (_implicit("service control policy"), "implicit", "scp", None),
    "implicit, resource control": (_implicit("resource control policy"), "implicit", "rcp", None),
    "implicit, VPC endpoint": (_implicit("VPC endpoint policy"), "implicit", "vpc_endpoint", None),
    "implicit, boundary": (_implicit("permissions boundary"), "implicit", "boundary", None),
    "implicit, trust": (
        _implicit("role trust policy", "sts:AssumeRole"),
        "implicit",
        "trust",
        None,
    ),
    "explicit, identity": (_explicit("an identity-based policy"), "explicit", "identity", None),
    "explicit, resource": (_explicit("a resource-based policy"), "explicit", "resource", None),
    "explicit, service control": (_explicit("a service control policy"), "explicit", "scp", None),
    "explicit, resource control": (_explicit("a resource control policy"), "explicit", "rcp", None),
    "explicit, boundary": (_explicit("a permissions boundary"), "explicit", "boundary", None),
    "explicit, session": (_explicit("a session policy"), "explicit", "session", None),
    "explicit, sessions": (_explicit("a sessions policy"), "explicit", "session", None),
    "explicit, VPC endpoint": (
        _explicit("a VPC endpoint policy"),
        "explicit",
        "vpc_endpoint",
        None,
    ),
    "explicit, trust": (_explicit("the role trust policy"), "explicit", "trust", None),
    "explicit, VPC endpoint through a service control policy": (
        _explicit("a VPC endpoint policy transitively through a service control policy"),
        "explicit",
        "vpc_endpoint",
        None,
    ),
    "explicit, no type": (_explicit(""), "explicit", None, None),
    "explicit, with ARN": (
        _explicit("an identity-based policy", f": {MFA_FORCED}"),
        "explicit",
        "identity",
        MFA_FORCED,
    ),
    "explicit, with the ARN of a service control policy": (
        _explicit("a service control policy", f": {SCP}"),
        "explicit",
        "scp",
        SCP,
    ),
    "explicit, with details": (
        _explicit("an identity-based policy", DETAILS),
        "explicit",
        "identity",
        None,
    ),
    "explicit, with ARN and details": (
        _explicit("an identity-based policy", f": {MFA_FORCED}{DETAILS}"),
        "explicit",
        "identity",
        MFA_FORCED,
    ),
    "EC2, explicit, encoded": (
        f"{EC2} {_explicit('an identity-based policy')}.{ENCODED}",
        "explicit",
        "identity",
        None,
    ),
    "EC2, implicit": (f"{EC2} {_implicit('identity-based policy')}", "implicit", "identity", None),
    "newline at the end": (
        _explicit("an identity-based policy", f": {MFA_FORCED}") + "\n",
        "explicit",
        "identity",
        MFA_FORCED,
    ),
    "newlines": (
        _explicit("an identity-based policy").replace(" ", "\n"),
        "explicit",
        "identity",
        None,
    ),
    "a kind of policy that nobody knows": (_explicit("a cosmic policy"), "explicit", None, None),
    # What a caller can choose, an object's key, must not be taken for AWS's words.
    "a key that imitates a reason": (
        refusal("s3:GetObject", on='"arn:aws:s3:::b/x with an explicit deny in a session policy"'),
        None,
        None,
        None,
    ),
    "a key that imitates a reason before AWS's own": (
        refusal(
            "s3:GetObject",
            on='"arn:aws:s3:::b/x" because no session policy allows the s3:GetObject action"',
            why="with an explicit deny in an identity-based policy",
        ),
        "explicit",
        "identity",
        None,
    ),
    "a key that imitates the tail": (
        refusal(
            "s3:GetObject",
            on='"arn:aws:s3:::b/x" with an explicit deny in a session policy.' + ENCODED + '"',
            why="because no identity-based policy allows the s3:GetObject action",
        ),
        "implicit",
        "identity",
        None,
    ),
    "a key that imitates the mark of an encoded message, cut": (
        refusal(
            "s3:GetObject", on='"arn:aws:s3:::b/ Encoded authorization failure message: x'
        ).ljust(930, "x")
        + f" with an explicit deny in a service control policy: {SCP}",
        None,
        None,
        None,
    ),
    "cut inside a character": (
        refusal("s3:GetObject", on='"arn:aws:s3:::b/').ljust(960, "x")
        + '" with an explicit deny in a service control policy'.ljust(61, " ")[:61],
        None,
        None,
        None,
    ),
    "a key that is not quoted": (
        refusal("s3:GetObject", on="arn:aws:s3:::b/x with an explicit deny in a session policy"),
        None,
        None,
        None,
    ),
    "an alarm's name that imitates the reason": (
        refusal(
            "cloudwatch:DeleteAlarms",
            on="arn:aws:cloudwatch:us-east-1:111122223333:alarm:x with an explicit deny in a"
            " service control policy",
        ),
        None,
        None,
        None,
    ),
    "IAM's words for a user": (
        refusal(
            "iam:DeleteUser", on="user bob", why="with an explicit deny in an identity-based policy"
        ),
        "explicit",
        "identity",
        None,
    ),
    "a reason without the rest of AWS's form": (
        "Access to resource denied: x with an explicit deny in a service control policy",
        None,
        None,
        None,
    ),
    "a key so long that AWS's reason was cut": (
        refusal("s3:GetObject", on='"arn:aws:s3:::b/').ljust(984, "x")
        + '" with an explicit deny in a session policy',
        None,
        None,
        None,
    ),
}


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Return the view for every form, by its name."""
    cases = {
        name: denied(
            "GetObject", "ec2" if "EC2" in name or "encoded" in name else "s3", message=form[0]
        )
        for name, form in FORMS.items()
    }
    cases["encoded message of another service"] = denied(message=EC2 + ENCODED)
    imitation = "a key that imitates the mark of an encoded message, cut"
    cases[imitation] = denied("GetObject", message=FORMS[imitation][0])
    return view(tmp_path_factory.mktemp("forms"), cases)


class TestMessages:
    """Each form of errorMessage, read for kind, type and ARN of the policy."""

    @pytest.mark.parametrize("name", FORMS)
    def test_what_the_message_says(self, forms: pd.DataFrame, name: str) -> None:
        """What it says, and nothing more."""
        assert said(forms, name, "deny_kind", "policy_type", "policy_arn") == FORMS[name][1:]

    @pytest.mark.parametrize(
        ("name", "form"),
        [
            ("bare", "bare"),
            ("bare, EC2", "bare"),
            ("no reason", "no_reason"),
            ("encoded", "encoded"),
            ("explicit, no type", "reasoned"),
            ("EC2, explicit, encoded", "reasoned"),
            ("a key so long that AWS's reason was cut", "cut"),
        ],
    )
    def test_how_much_the_message_tells(self, forms: pd.DataFrame, name: str, form: str) -> None:
        """The form says whether there is a reason, and where it went."""
        assert forms.loc[name, "message_form"] == form

    def test_the_cut_message_is_as_long_as_aws_lets_it_be(self) -> None:
        """The case above stands for CloudTrail's limit of 1 KB."""
        assert len(FORMS["a key so long that AWS's reason was cut"][0]) >= 1024


def s3_object(**fields: Any) -> Record:
    resources = [
        {"type": "AWS::S3::Object", "ARN": OBJECT},
        {"ARN": "arn:aws:s3:::example-reports"},
    ]
    return denied("GetObject", resources=resources, **fields)


# name: record, iam_action, resource_arn
ASKED: dict[str, tuple[Record, str | None, str | None]] = {
    "the message's own action and resource": (
        denied(message=refusal("s3:ListAllMyBuckets", on="*")),
        "s3:ListAllMyBuckets",
        "*",
    ),
    "the message's quoted resource": (
        s3_object(message=refusal("s3:GetObject", on='"arn:aws:s3:::b/with space"')),
        "s3:GetObject",
        "arn:aws:s3:::b/with space",
    ),
    "the message's action in other case": (
        denied("Publish", "sns", message=refusal("SNS:Publish", on="arn:aws:sns:us-east-1:1:t")),
        "sns:Publish",
        "arn:aws:sns:us-east-1:1:t",
    ),
    "IAM's words for a resource": (
        denied("CreateUser", "iam", message=refusal("iam:CreateUser", on="user bob")),
        "iam:CreateUser",
        "user bob",
    ),
    "a resource before words that are no reason": (
        denied(
            "PutBucketPolicy",
            message=refusal("s3:PutBucketPolicy", on='"arn:aws:s3:::b"')
            + " because public policies are prevented by the BlockPublicPolicy setting.",
        ),
        "s3:PutBucketPolicy",
        "arn:aws:s3:::b",
    ),
    "a resource before a link": (
        denied("GetItem", "dynamodb", message=refusal("dynamodb:GetItem", on="arn:x") + DETAILS),
        "dynamodb:GetItem",
        "arn:x",
    ),
    "a resource before a full stop": (
        denied("GetItem", "dynamodb", message=refusal("dynamodb:GetItem", on="arn:x") + "."),
        "dynamodb:GetItem",
        "arn:x",
    ),
    "a resource that was cut": (
        s3_object(message=refusal("s3:GetObject", on='"arn:aws:s3:::b/').ljust(1024, "x")),
        "s3:GetObject",
        OBJECT,
    ),
    "an access point": (
        denied(
            "GetObject",
            requestParameters={"bucketName": "arn:aws:s3:us-east-1:1:accesspoint/a", "key": "k"},
        ),
        "s3:GetObject",
        "arn:aws:s3:us-east-1:1:accesspoint/a",
    ),
    "a bucket that is none of S3's": (
        denied("DeleteBucket", "lightsail", requestParameters={"bucketName": "b"}),
        "lightsail:DeleteBucket",
        None,
    ),
    "a bucket that is a list": (
        denied("ListObjects", requestParameters={"bucketName": ["b"]}),
        "s3:ListBucket",
        None,
    ),
    "a sovereign cloud": (
        denied("ListObjects", requestParameters={"bucketName": "b"}, awsRegion="eusc-de-east-1"),
        "s3:ListBucket",
        "arn:aws-eusc:s3:::b",
    ),
    "the record's resources": (s3_object(), "s3:GetObject", OBJECT),
    "a resource after a prefix": (
        denied(
            "HeadBucket",
            resources=[{"ARNPrefix": "arn:aws:s3:::b/"}, {"ARN": "arn:aws:s3:::b"}],
        ),
        "s3:ListBucket",
        "arn:aws:s3:::b",
    ),
    "the request's bucket and key": (
        denied("HeadObject", requestParameters={"bucketName": "b", "key": "k"}),
        "s3:GetObject",
        "arn:aws:s3:::b/k",
    ),
    "the request's bucket in China": (
        denied("ListObjects", requestParameters={"bucketName": "b"}, awsRegion="cn-north-1"),
        "s3:ListBucket",
        "arn:aws-cn:s3:::b",
    ),
    "ListBuckets": (denied("ListBuckets"), "s3:ListAllMyBuckets", None),
    "ListObjectsV2": (denied("ListObjectsV2"), "s3:ListBucket", None),
    "ListObjectVersions": (denied("ListObjectVersions"), "s3:ListBucketVersions", None),
    "GetBucketEncryption": (denied("GetBucketEncryption"), "s3:GetEncryptionConfiguration", None),
    "a Lambda name with its version": (
        denied("ListFunctions20150331", "lambda"),
        "lambda:ListFunctions",
        None,
    ),
    "Lambda's Invoke": (denied("Invoke", "lambda"), "lambda:InvokeFunction", None),
    "CloudWatch": (denied("DescribeAlarms", "monitoring"), "cloudwatch:DescribeAlarms", None),
    "SES": (denied("SendEmail", "email"), "ses:SendEmail", None),
    "a service named as its prefix": (denied("GetUser", "iam"), "iam:GetUser", None),
    "API Gateway, whose actions are HTTP verbs": (
        denied("GetRestApis", "apigateway"),
        "apigateway:GET",
        None,
    ),
    "API Gateway, an operation that is not in the table": (
        denied("MakeCoffee", "apigateway"),
        None,
        None,
    ),
    "a key that imitates the end of its name": (
        denied(
            "GetObject",
            message=refusal(
                "s3:GetObject",
                on='"arn:aws:s3:::b/x" because "y"',
                why="because no identity-based policy allows the s3:GetObject action",
            ),
        ),
        "s3:GetObject",
        'arn:aws:s3:::b/x" because "y',
    ),
    "the same without a reason": (
        denied(message=refusal("s3:GetObject", on='"arn:aws:s3:::b/x" because "y"')),
        "s3:GetObject",
        'arn:aws:s3:::b/x" because "y',
    ),
    "an alarm's name that imitates it": (
        denied(
            "DescribeAlarms",
            "monitoring",
            message=refusal("cloudwatch:DescribeAlarms", on="arn:aws:x:y:1:alarm:a because b"),
        ),
        "cloudwatch:DescribeAlarms",
        None,
    ),
    "a version of an object": (
        denied("HeadObject", requestParameters={"bucketName": "b", "key": "k", "versionId": "7"}),
        "s3:GetObjectVersion",
        "arn:aws:s3:::b/k",
    ),
    "CloudFront, whose names carry the API's version": (
        denied("CreateDistributionWithTags2020_05_31", "cloudfront"),
        "cloudfront:CreateDistribution",
        None,
    ),
    "PartiQL, whose statement decides": (denied("ExecuteStatement", "dynamodb"), None, None),
    "what a console does by itself": (
        denied("GetBillsForBillingPeriod", "billingconsole", eventType="AwsConsoleAction"),
        None,
        None,
    ),
    "an event source that is no service's": (
        denied(eventSource="evil'; drop table events", eventName="x"),
        None,
        None,
    ),
    "request parameters that are no object": (
        denied(requestParameters="text"),
        "s3:ListAllMyBuckets",
        None,
    ),
}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Return the view for every case, by its name."""
    cases = {name: case[0] for name, case in ASKED.items()}
    return view(tmp_path_factory.mktemp("asked"), cases)


class TestAsked:
    """Which action on which resource was refused."""

    @pytest.mark.parametrize("name", ASKED)
    def test_action_and_resource(self, asked: pd.DataFrame, name: str) -> None:
        """The message's own words first, then the record, then the event's name."""
        assert said(asked, name, "iam_action", "resource_arn") == ASKED[name][1:]


def test_the_message_names_the_caller_where_the_record_does_not(tmp_path: Path) -> None:
    """A record without an ARN is not without a caller."""
    record = denied(by={"type": "IAMUser"}, message=refusal("s3:GetObject", to=USER))
    assert view(tmp_path, {"x": record}).loc["x", "principal_arn"] == USER


@pytest.mark.parametrize(
    ("identity", "name"),
    [
        ({"type": "IAMUser"}, "alice"),
        ({"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"userName": "R"}}}, "R"),
        ({"type": "Root"}, "root"),
    ],
)
def test_a_caller_without_arn_has_a_name(
    tmp_path: Path, identity: dict[str, Any], name: str
) -> None:
    """The record's own, else the message's."""
    record = denied(by=identity, message=refusal("s3:GetObject", to=USER))
    assert view(tmp_path, {"x": record}).loc["x", "principal_name"] == name


def test_nobody_is_no_arn(tmp_path: Path) -> None:
    """An anonymous caller has none."""
    record = denied(by={}, message=refusal("s3:GetObject", to="anonymous"))
    assert pd.isna(view(tmp_path, {"x": record})["principal_arn"]).all()


def test_an_endpoints_denial_is_known_by_its_code(tmp_path: Path) -> None:
    """Its message names no action."""
    message = "The request was denied due to a VPC endpoint policy"
    row = view(tmp_path, {"x": denied(code="VpceAccessDenied", message=message)})
    assert row["policy_type"].tolist() == ["vpc_endpoint"]


def test_service_calls_are_denials_too(tmp_path: Path) -> None:
    """They are told apart by their cause, not left out."""
    assert len(view(tmp_path, {"x": denied(by=service())})) == 1
