-- mfa_seen: one row for each user or root whom the trail shows in a session or signing in, with or without MFA
--
-- principal_arn  ARN of the user or root
-- used_mfa       true where MFA was used once; false where every session and sign-in was without it
-- first_used     when MFA was first used, UTC; null where it was not
-- last_used      when it was last used, UTC
-- seen_in        event id of the last use of MFA; without one, of the last sign-in or call without it
-- seen_as        what that was: call, sign_in or session (opened by showing a code)
--
-- Long-term keys tell nothing here: they carry no MFA, whether or not their owner has a device.
with sessions as (
    select
        event_id,
        event_time,
        if(credential_kind = 'assumed_role', opener_arn, principal_arn) as principal_arn,
        mfa_present = 'true' as used_mfa,
        'call' as seen_as
    from identified
    where
        mfa_present in ('true', 'false')
        and (
            credential_kind in ('session_token', 'console')
            -- A session of a role tells of its opener that MFA was used, not that there is none.
            or (credential_kind = 'assumed_role' and mfa_present = 'true')
        )
),

signed_in as (
    select
        event_id,
        event_time,
        principal_arn,
        mfa_used as used_mfa,
        'sign_in' as seen_as
    from sign_ins
    where passed and mfa_used is not null and not federated
),

opened as (
    select
        issued_in as event_id,
        issued_at as event_time,
        opener_arn as principal_arn,
        true as used_mfa,
        'session' as seen_as
    from issued
    where mfa_serial_number <> ''
),

seen as (
    select *
    from sessions
    union all
    select *
    from signed_in
    union all
    select *
    from opened
)

select
    principal_arn,
    bool_or(used_mfa) as used_mfa,
    min(event_time) filter (used_mfa) as first_used,
    max(event_time) filter (used_mfa) as last_used,
    arg_max(event_id, (used_mfa, event_time, event_id)) as seen_in,
    arg_max(seen_as, (used_mfa, event_time, event_id)) as seen_as
from seen
where
    principal_arn like 'arn:%:iam::%:user/%'
    or principal_arn like 'arn:%:iam::%:root'
group by principal_arn
