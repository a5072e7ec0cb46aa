-- own_calls: one row for each call of a principal to whom a call in question was refused
--
-- event_id         CloudTrail's eventID
-- event_time       when the call arrived, UTC
-- account_id       account whose trail holds the event
-- principal        ARN of the role, or else of the caller
-- event_source     service that was called
-- operation        operation that was called, without the date of its API's version
-- iam_action       action that a policy has to allow, by the event's name; null where there is none
-- outcome          allowed or denied
-- error_code       service error; null where the call passed
-- error_message    what the error says
-- session_started  when the session's credentials were issued, UTC; null without a session
-- resource         what was to be touched, by the record or else by AWS's message; empty where neither tells
-- circumstances    region, address, program and VPC endpoint
-- parameters       by which what was asked for can be compared; empty where that is not recorded
-- owner            account that owns the resource; '*' where that is not recorded
-- is_user          whether the principal is a user or root
-- signed_with      key, session, or another kind of credential, as in calls
-- with_mfa         whether MFA was used; null where that is not known
with principals as (
    select distinct
        account_id,
        principal,
        regexp_matches(principal, ':user/|:root$') as is_user
    from questions
)

select
    calls.event_id,
    calls.event_time,
    calls.account_id,
    principals.principal,
    calls.event_source,
    calls.operation,
    calls.iam_action,
    calls.outcome,
    calls.error_code,
    calls.error_message,
    calls.session_started,
    calls.subject as resource,
    -- What stands before a program's version: aws-cli, Boto3, Mozilla.
    [
        coalesce(calls.region, ''),
        coalesce(calls.source_ip, ''),
        coalesce(regexp_extract(calls.user_agent, '^[^/ ]*'), ''),
        coalesce(calls.vpc_endpoint_id, '')
    ] as circumstances,
    if(
        calls.request_parameters like '{%', md5(calls.request_parameters), ''
    ) as parameters,
    -- Who owns it; '*' where that is not recorded.
    case
        when calls.resource_arn is null then calls.account_id
        else coalesce(
            calls.resource_account,
            nullif(split_part(calls.resource_arn, ':', 5), ''),
            '*'
        )
    end as owner,
    principals.is_user,
    case
        when calls.credential_kind in ('long_term_key', 'root_key') then 'key'
        when calls.credential_kind in ('session_token', 'console') then 'session'
        else calls.credential_kind
    end as signed_with,
    case
        when calls.mfa_present = 'true' then true
        -- A request for a role may carry a code itself, which a refused one's record hides.
        when calls.operation = 'AssumeRole'
            then
                if(
                    calls.request_parameters like '{%',
                    try(calls.request_parameters ->> '$.serialNumber') is not null,
                    null
                )
        when calls.mfa_present in ('false', 'absent') then false
    end as with_mfa
from calls
inner join principals
    on
        calls.account_id = principals.account_id
        and coalesce(calls.role_arn, calls.principal_arn) = principals.principal
where
    calls.event_time is not null
    -- What is claimed has to be traced to an event.
    and calls.event_id is not null
    and calls.outcome <> 'failed'
    and calls.invoked_by is null
