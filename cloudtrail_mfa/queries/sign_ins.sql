-- sign_ins: one row for each attempt to sign in to the console
--
-- event_id        CloudTrail's eventID
-- event_time      when, UTC
-- account_id      account whose trail holds the event
-- date            day of the event, UTC
-- region          region in which it was recorded
-- principal_arn   ARN of who signed in; null where the record gives none, as after a failure
-- principal_name  user, root, role, or the person behind a federated session
-- federated       whether an identity provider vouches for who signed in
-- succeeded       whether the sign-in succeeded; null where the record does not tell
-- mfa_used        whether MFA was used; null for a federated sign-in, of whose MFA AWS knows nothing
-- mfa_recorded    what the record says of it, Yes or No; No for every federated sign-in
-- mfa_serial      MFA device that was used; null where none is named
-- source_ip       address
-- user_agent      what the program says of itself
--
-- https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
with attempts as (
    select
        *,
        case try(response_elements ->> '$.ConsoleLogin')
            when 'Success' then true
            when 'Failure' then false
        end as succeeded,
        try(additional_event_data ->> '$.MFAUsed') as mfa_recorded,
        -- Whoever signs in with a session, of a role or a provider, is signed in by a provider.
        federated or user_identity.type not in ('IAMUser', 'Root') as vouched_for
    from identified
    where event_name = 'ConsoleLogin' and event_source = 'signin.amazonaws.com'
)

select
    event_id,
    event_time,
    account_id,
    date,
    region,
    principal_arn,
    principal_name,
    coalesce(vouched_for, false) as federated,
    succeeded,
    case
        when vouched_for then null
        when mfa_recorded = 'Yes' then true
        when mfa_recorded = 'No' then false
    end as mfa_used,
    mfa_recorded,
    nullif(try(additional_event_data ->> '$.MFAIdentifier'), '') as mfa_serial,
    source_ip_address as source_ip,
    user_agent
from attempts
