-- stories: one row for each call, narrow, with what a story tells of it
--
-- event_id         CloudTrail's eventID
-- event_time       when the call arrived, UTC
-- account_id       account whose trail holds the event
-- date             day of the event, UTC
-- region           region in which the call was made
-- principal_arn    ARN of who called; null where the record gives none
-- principal_name   user, role, service, or the person behind a federated session
-- access_key_id    key that signed the call; null where the record gives none
-- credential_kind  kind of credential, as in calls
-- federated        whether an identity provider vouches for the caller, forwarded or not
-- mfa_present      aws:MultiFactorAuthPresent in the request: true, false or absent; null where it cannot be known
-- invoked_by       AWS service that made the call; null where the caller made it
-- event_source     service that was called
-- event_name       operation that was called
-- iam_action       action that a policy has to allow; null where there is none
-- resource_arn     what was to be touched, by the record; null where it does not tell
-- source_ip        address of the caller, or the name of a service
-- outcome          allowed, denied (refused for want of permission) or failed (for another reason)
-- error_code       service error; null where the call passed
-- opens            temporary key that the call handed out; null where it handed out none
-- role_asked       role that was asked for; null otherwise
-- shown_device     MFA device named in a request for a session; null otherwise
-- shown_mfa        what a sign-in records of MFA, Yes or No; null otherwise
-- changes_whom     user, role, group or policy that a change of IAM's names; null otherwise
-- changes_what     policy, group or key that such a change is about; null otherwise
select
    calls.event_id,
    calls.event_time,
    calls.account_id,
    calls.date,
    calls.region,
    calls.principal_arn,
    calls.principal_name,
    calls.access_key_id,
    calls.credential_kind,
    calls.federated,
    calls.mfa_present,
    calls.invoked_by,
    calls.event_source,
    calls.event_name,
    calls.iam_action,
    calls.resource_arn,
    calls.source_ip,
    calls.outcome,
    coalesce(calls.error_code, calls.error_message) as error_code,
    issued.access_key_id as opens,
    if(
        issued.access_key_id is not null,
        try(calls.request_parameters ->> '$.roleArn'),
        null
    ) as role_asked,
    issued.mfa_serial_number as shown_device,
    sign_ins.mfa_recorded as shown_mfa,
    case
        when
            calls.event_source = 'iam.amazonaws.com'
            and regexp_matches(
                calls.event_name,
                '^(Add|Attach|Create|Deactivate|Delete|Detach|Enable|Put|Remove|Set|Tag|Untag'
                || '|Update)'
            )
            then coalesce(
                try(calls.request_parameters ->> '$.userName'),
                try(calls.request_parameters ->> '$.roleName'),
                try(calls.request_parameters ->> '$.groupName'),
                try(calls.request_parameters ->> '$.policyArn'),
                try(calls.request_parameters ->> '$.policyName')
            )
    end as changes_whom,
    coalesce(
        try(calls.request_parameters ->> '$.policyName'),
        regexp_extract(try(calls.request_parameters ->> '$.policyArn'), '[^/]+$'),
        try(calls.request_parameters ->> '$.groupName'),
        key_changes.access_key_id,
        try(calls.request_parameters ->> '$.serialNumber')
    ) as changes_what
from calls
left join issued
    on calls.event_id = issued.issued_in
left join key_changes
    on
        calls.event_id = key_changes.event_id
        and calls.account_id = key_changes.account_id
left join sign_ins
    on
        calls.event_id = sign_ins.event_id
        and calls.account_id = sign_ins.account_id
