-- calls: one row for each event, with who called and with what kind of credential
--
-- event_id            CloudTrail's eventID
-- event_time          when the call arrived, UTC
-- account_id          account whose trail holds the event
-- date                day of the event, UTC
-- region              region in which the call was made
-- principal_arn       ARN of who called; null where the record gives none
-- principal_name      user, role, service, or the person behind a federated session
-- role_arn            ARN of a session's role, path included; null otherwise
-- session_name        name of a role session; null otherwise
-- access_key_id       key that signed the call; null where the record gives none
-- credential_kind     long_term_key, root_key, session_token, console, assumed_role, federated, workload_role, forwarded, aws_service, cross_account, anonymous or unknown
-- federated           whether an identity provider vouches for the caller, forwarded or not
-- workload            whether the caller is a machine's role, forwarded or not
-- mfa_present         aws:MultiFactorAuthPresent in the request: true, false or absent; null where it cannot be known
-- session_started     when the session's credentials were issued, UTC; null without a session
-- issued_by           operation that issued the credentials; null where that call is not in the lake
-- issued_in           event id of that call
-- opener_type         kind of identity that asked for the session; null where that call is not in the lake
-- session_policy      whether a policy was passed with the request for the session; null where that call is not in the lake
-- invoked_by          AWS service that made the call; null where the caller made it
-- vpc_endpoint_id     VPC endpoint through which the call came; null otherwise
-- event_source        service that was called
-- event_name          operation that was called
-- source_ip           address of the caller, or the name of a service
-- user_agent          what the caller's program says of itself
-- error_code          service error; null where the call passed
-- error_message       what the error says
-- request_parameters  what was asked for, JSON text
-- resources           resources that were touched, JSON text
select
    event_id,
    event_time,
    account_id,
    date,
    region,
    principal_arn,
    principal_name,
    role_arn,
    session_name,
    access_key_id,
    credential_kind,
    federated,
    workload,
    mfa_present,
    session_started,
    issued_by,
    issued_in,
    opener_type,
    session_policy,
    invoked_by,
    vpc_endpoint_id,
    event_source,
    event_name,
    source_ip_address as source_ip,
    user_agent,
    error_code,
    error_message,
    request_parameters,
    resources
from identified
