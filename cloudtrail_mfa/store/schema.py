"""The stored table: every column once, with its type, its place in a record and its meaning.

The Arrow schema, the decoder of records and the documentation come from `EVENTS`. Names are
CloudTrail's own in snake case; meanings follow AWS's page on record contents:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

__all__ = [
    "EVENTS",
    "PARTITIONS",
    "SCHEMA",
    "STORED",
    "STORED_SCHEMA",
    "Column",
    "Kind",
    "arrow_type",
]

Kind = Literal["text", "time", "date", "flag", "json", "group"]
"""A string; a UTC time; a day; true or false; any JSON, kept as its text; a group of fields."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column, or one field inside a column of fields.

    Attributes
    ----------
    name
        Name in the lake.
    kind
        What it holds.
    key
        Key in the CloudTrail record; empty where the library fills the column.
    meaning
        A sentence for the reader of a table.
    fields
        What a ``group`` holds.
    """

    name: str
    kind: Kind
    key: str
    meaning: str
    fields: tuple[Column, ...] = ()


def arrow_type(column: Column) -> pa.DataType:
    """Return the Arrow type in which a column is stored."""
    if column.kind == "group":
        return pa.struct([pa.field(field.name, arrow_type(field)) for field in column.fields])
    return _ARROW[column.kind]


_ARROW = {
    "text": pa.string(),
    "json": pa.string(),
    "time": pa.timestamp("us", "UTC"),
    "date": pa.date32(),
    "flag": pa.bool_(),
}


def _text(name: str, key: str, meaning: str) -> Column:
    return Column(name, "text", key, meaning)


def _json(name: str, key: str, meaning: str) -> Column:
    return Column(name, "json", key, f"{meaning}; JSON text, 'null' where the record says null.")


_ISSUER = Column(
    "session_issuer",
    "group",
    "sessionIssuer",
    "Who issued the session's credentials: the role, for a role session.",
    (
        _text("type", "type", "Kind of issuer: Role, IAMUser, Root, FederatedUser."),
        _text("principal_id", "principalId", "Unique id of the issuer (AROA…, AIDA…)."),
        _text("arn", "arn", "ARN of the issuer."),
        _text("account_id", "accountId", "Account that owns the issuer."),
        _text("user_name", "userName", "Name of the role or user."),
    ),
)

_SESSION = Column(
    "session_context",
    "group",
    "sessionContext",
    "The session, where temporary credentials signed the call.",
    (
        _ISSUER,
        Column(
            "web_id_federation_data",
            "group",
            "webIdFederationData",
            "The identity provider, for sessions opened by web identity federation.",
            (
                _text(
                    "federated_provider",
                    "federatedProvider",
                    "ARN or name of the provider.",
                ),
                _json("attributes", "attributes", "What the provider said of the user"),
            ),
        ),
        Column(
            "attributes",
            "group",
            "attributes",
            "When the session was opened, and whether with MFA.",
            (
                _text(
                    "creation_date",
                    "creationDate",
                    "When the credentials were issued, UTC.",
                ),
                _text(
                    "mfa_authenticated",
                    "mfaAuthenticated",
                    "'true' or 'false', as text.",
                ),
            ),
        ),
        _text(
            "source_identity",
            "sourceIdentity",
            "Source identity set when the role was assumed.",
        ),
        _text(
            "ec2_role_delivery",
            "ec2RoleDelivery",
            "Instance metadata version: 1.0 or 2.0.",
        ),
        _text(
            "ec2_issued_in_vpc",
            "ec2IssuedInVpc",
            "VPC to which the credentials were issued.",
        ),
        _text(
            "assumed_root",
            "assumedRoot",
            "'true' for a privileged root session (AssumeRoot).",
        ),
    ),
)

_IDENTITY = Column(
    "user_identity",
    "group",
    "userIdentity",
    "Who made the call, and with which credentials.",
    (
        _text(
            "type",
            "type",
            "Kind of identity: IAMUser, AssumedRole, Root, AWSService, …",
        ),
        _text("principal_id", "principalId", "Unique id of the caller."),
        _text("arn", "arn", "ARN of the caller."),
        _text("account_id", "accountId", "Account that owns the caller."),
        _text("access_key_id", "accessKeyId", "Key that signed the call; may be empty."),
        _text("user_name", "userName", "Friendly name of the caller."),
        _text("invoked_by", "invokedBy", "AWS service that made the call for the caller."),
        _text("identity_provider", "identityProvider", "Provider of a federated identity."),
        _text("credential_id", "credentialId", "Id of the credential, for bearer tokens."),
        Column(
            "on_behalf_of",
            "group",
            "onBehalfOf",
            "The Identity Center user for whom the call was made.",
            (
                _text("user_id", "userId", "User id in the identity store."),
                _text(
                    "identity_store_arn",
                    "identityStoreArn",
                    "ARN of the identity store.",
                ),
            ),
        ),
        Column(
            "in_scope_of",
            "group",
            "inScopeOf",
            "The workload to which the credentials were issued.",
            (
                _text(
                    "issuer_type",
                    "issuerType",
                    "Kind of workload, as AWS::Lambda::Function.",
                ),
                _text(
                    "credentials_issued_to",
                    "credentialsIssuedTo",
                    "ARN of the workload.",
                ),
                _text("source_arn", "sourceArn", "ARN of the resource behind the request."),
                _text("source_account", "sourceAccount", "Account of that resource."),
            ),
        ),
        _SESSION,
    ),
)

STORED = (
    _text("event_id", "eventID", "CloudTrail's id of the event; unique."),
    Column("event_time", "time", "eventTime", "When the call arrived, UTC; to the second."),
    _text("event_version", "eventVersion", "Version of the record format."),
    _IDENTITY,
    _text("event_source", "eventSource", "Service that was called, as s3.amazonaws.com."),
    _text("event_name", "eventName", "Operation that was called, as ListBuckets."),
    _text("aws_region", "awsRegion", "Region in which the call was made."),
    _text(
        "source_ip_address",
        "sourceIPAddress",
        "Address of the caller, or a service's name.",
    ),
    _text("user_agent", "userAgent", "What the caller's program says of itself."),
    _text("error_code", "errorCode", "Service error, absent when the call passed."),
    _text("error_message", "errorMessage", "What the error says; cut by AWS at 1 KB."),
    _json("request_parameters", "requestParameters", "What was asked for"),
    _json("response_elements", "responseElements", "What a change answered"),
    _json("additional_event_data", "additionalEventData", "What the service adds"),
    _text("request_id", "requestID", "Service's id of the request."),
    Column("read_only", "flag", "readOnly", "Whether the operation only reads."),
    _json("resources", "resources", "Resources that were touched"),
    _text("event_type", "eventType", "AwsApiCall, AwsConsoleSignIn, AwsServiceEvent, …"),
    _text("api_version", "apiVersion", "Version of the API that was called."),
    Column(
        "management_event",
        "flag",
        "managementEvent",
        "Whether it is a management event.",
    ),
    _text(
        "recipient_account_id",
        "recipientAccountId",
        "Account whose trail holds the event.",
    ),
    _text(
        "shared_event_id",
        "sharedEventID",
        "Joins the records that two accounts hold of one call.",
    ),
    _text("vpc_endpoint_id", "vpcEndpointId", "VPC endpoint through which the call came."),
    _text("vpc_endpoint_account_id", "vpcEndpointAccountId", "Account of that endpoint."),
    _text("event_category", "eventCategory", "Management, Data, NetworkActivity."),
    _text(
        "session_credential_from_console",
        "sessionCredentialFromConsole",
        "'true' where the credentials came from a console session.",
    ),
    _json("tls_details", "tlsDetails", "TLS version, cipher suite and host name"),
    _json("service_event_details", "serviceEventDetails", "What triggered a service event"),
    _json("addendum", "addendum", "Why an event came late or again"),
    _json(
        "edge_device_details",
        "edgeDeviceDetails",
        "The edge device that was the target",
    ),
    _json("event_context", "eventContext", "Tags and condition keys of the call"),
    Column(
        "record",
        "json",
        "",
        "The record as it was in the file, where the other columns cannot give it back; else null.",
    ),
    _text("source_file", "", "File in which the event was first found."),
)
"""The columns inside the Parquet files, in their order."""

PARTITIONS = (
    _text(
        "account_id",
        "",
        "Account whose trail holds the event; null where no account id is given.",
    ),
    Column("date", "date", "", "Day of the event, UTC; null where its time cannot be read."),
)
"""The columns that are folder names: ``events/account_id=…/date=…/``."""

EVENTS = (*STORED, *PARTITIONS)
"""Every column of ``events``."""


SCHEMA = pa.schema([pa.field(column.name, arrow_type(column)) for column in EVENTS])
"""The Arrow schema of ``events``."""

STORED_SCHEMA = pa.schema([SCHEMA.field(column.name) for column in STORED])
"""The Arrow schema of its Parquet files."""
