-- summary: one row for each caller, credential, cause and certainty; people before services
--
-- caller           person, workload, outsider or service
-- principal_name   user, role, service, or the person behind a federated session
-- account_id       account whose trail holds the events
-- credential_kind  kind of credential, as in denials
-- cause            why the calls were refused
-- certainty        how well that is known
-- mfa_would_allow  whether the calls would have passed with MFA; null where not known
-- denials          refused calls
-- first_time       first of them, UTC
-- last_time        last of them, UTC
-- actions          up to five actions, the most often refused first
-- event_id         first of them, to look at with explain
with told as (
    select
        *,
        case
            when credential_kind = 'aws_service' then 'service'
            when workload then 'workload'
            when credential_kind in ('cross_account', 'anonymous', 'unknown')
                then 'outsider'
            else 'person'
        end as caller
    from attributed
),

by_action as (
    select
        caller,
        principal_name,
        account_id,
        credential_kind,
        cause,
        certainty,
        mfa_would_allow,
        coalesce(iam_action, event_name) as action,
        count(*) as denials,
        min(event_time) as first_time,
        max(event_time) as last_time,
        arg_min(event_id, (event_time, event_id)) as event_id
    from told
    group by all
)

select
    caller,
    principal_name,
    account_id,
    credential_kind,
    cause,
    certainty,
    mfa_would_allow,
    cast(sum(denials) as bigint) as denials,
    min(first_time) as first_time,
    max(last_time) as last_time,
    list(action order by denials desc, action)[:5] as actions,
    arg_min(event_id, (first_time, event_id)) as event_id
from by_action
group by
    caller,
    principal_name,
    account_id,
    credential_kind,
    cause,
    certainty,
    mfa_would_allow
order by
    list_position(['person', 'workload', 'outsider', 'service'], caller),
    denials desc,
    principal_name,
    cause,
    account_id,
    credential_kind,
    certainty,
    mfa_would_allow
