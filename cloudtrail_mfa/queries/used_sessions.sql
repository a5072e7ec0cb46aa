-- used_sessions: one row for each temporary credential with which a call was made
--
-- session           its key; where records hide that, who and since when
-- access_key_id     temporary key; null where the records hide it
-- account_id        account whose trail holds its first call
-- principal_arn     ARN of who called; null where no record gives one
-- principal_name    user, role, service, or the person behind a federated session
-- session_name      name of a role session; null otherwise
-- credential_kind   kind of credential, as in calls; forwarded where only services used it
-- federated         whether an identity provider vouches for the caller
-- workload          whether the caller is a machine's role
-- session_started   when it was opened, as its calls tell, UTC
-- with_mfa          whether a call was recorded as with MFA
-- without_mfa       whether a call was recorded as without, where that tells
-- first_seen        first call, UTC
-- last_seen         last call, UTC
-- calls             calls
-- denials           those that were refused
-- failures          those that failed for another reason
-- source_ips        up to five addresses, the most used first
-- source_ip_count   how many there are
-- user_agents       up to three programs, the most used first
-- user_agent_count  how many there are
-- services          up to ten services that were called, the most used first
-- regions           regions in which it was used
-- event_id          first call
with used as not materialized (
    select
        *,
        coalesce(
            access_key_id, principal_arn || ' ' || cast(session_started as varchar)
        ) as session
    from calls
    where
        session_started is not null
        or access_key_id like 'ASIA%'
        or access_key_id in (select issued.access_key_id from issued)
),

-- Lists grow to a few entries only, however many addresses and programs there are.
tallied as (
    select
        session,
        source_ip,
        user_agent,
        event_source,
        region,
        count(*) as calls,
        count(*) filter (outcome = 'denied') as denials,
        count(*) filter (outcome = 'failed') as failures,
        min(event_time) as first_seen,
        max(event_time) as last_seen,
        bool_or(mfa_present = 'true') as with_mfa,
        -- A forwarded call is recorded as without MFA, whatever the session was.
        bool_or(mfa_present = 'false' and credential_kind <> 'forwarded') as without_mfa
    from used
    where session is not null
    group by session, source_ip, user_agent, event_source, region
),

-- Read anew: kept for each address and program, it would be most of what is kept.
first_calls as (
    select
        session,
        min_by(
            {
                'event_id': event_id,
                'access_key_id': access_key_id,
                'account_id': account_id,
                'principal_arn': principal_arn,
                'principal_name': principal_name,
                'session_name': session_name,
                'credential_kind': credential_kind,
                'federated': federated,
                'workload': workload,
                'session_started': session_started
            },
            (credential_kind = 'forwarded', event_time, event_id)
        ) as first_call
    from used
    where session is not null
    group by session
),

addresses as (
    select
        session,
        max_by(source_ip, (calls, source_ip), 5) as source_ips,
        count(*) as source_ip_count
    from (
        select
            session,
            source_ip,
            sum(calls) as calls
        from tallied
        where source_ip is not null
        group by session, source_ip
    ) as by_address
    group by session
),

programs as (
    select
        session,
        max_by(user_agent, (calls, user_agent), 3) as user_agents,
        count(*) as user_agent_count
    from (
        select
            session,
            user_agent,
            sum(calls) as calls
        from tallied
        where user_agent is not null
        group by session, user_agent
    ) as by_program
    group by session
),

services as (
    select
        session,
        max_by(event_source, (calls, event_source), 10) as services
    from (
        select
            session,
            event_source,
            sum(calls) as calls
        from tallied
        where event_source is not null
        group by session, event_source
    ) as by_service
    group by session
),

totals as (
    select
        session,
        coalesce(bool_or(with_mfa), false) as with_mfa,
        coalesce(bool_or(without_mfa), false) as without_mfa,
        min(first_seen) as first_seen,
        max(last_seen) as last_seen,
        cast(sum(calls) as bigint) as calls,
        cast(sum(denials) as bigint) as denials,
        cast(sum(failures) as bigint) as failures,
        list_sort(list(distinct region)) as regions
    from tallied
    group by session
)

select
    totals.session,
    first_calls.first_call.access_key_id,
    first_calls.first_call.account_id,
    first_calls.first_call.principal_arn,
    first_calls.first_call.principal_name,
    first_calls.first_call.session_name,
    first_calls.first_call.credential_kind,
    first_calls.first_call.federated,
    first_calls.first_call.workload,
    first_calls.first_call.session_started,
    totals.with_mfa,
    totals.without_mfa,
    totals.first_seen,
    totals.last_seen,
    totals.calls,
    totals.denials,
    totals.failures,
    coalesce(addresses.source_ips, []) as source_ips,
    coalesce(addresses.source_ip_count, 0) as source_ip_count,
    coalesce(programs.user_agents, []) as user_agents,
    coalesce(programs.user_agent_count, 0) as user_agent_count,
    coalesce(services.services, []) as services,
    coalesce(totals.regions, []) as regions,
    first_calls.first_call.event_id
from totals
inner join first_calls on totals.session = first_calls.session
left join addresses on totals.session = addresses.session
left join programs on totals.session = programs.session
left join services on totals.session = services.session
