-- credentials: one row for each long-term key, with its owner, its life and its use
--
-- access_key_id             the key; null of one that only the credential report tells
-- status                    deleted; active or inactive, by the credential report, else when the trail last showed it; null where neither tells
-- owner_type                user or root; null where the records do not tell
-- owner_name                name of the user, or root
-- owner_arn                 ARN of the user or root; null where the records give none
-- account_id                account of the owner
-- created_at                when it was made, UTC; null where that is not in the lake
-- created_in                event id of that call
-- deactivated_at            when it was deactivated, and not activated since, UTC; null otherwise
-- deactivated_in            event id of that call
-- deleted_at                when it was deleted, UTC; null otherwise
-- deleted_in                event id of that call
-- first_used                first call that it signed, UTC; null without one
-- first_used_in             event id of that call
-- last_used                 last call that it signed, UTC
-- last_used_in              event id of that call
-- days_used                 days with a call, UTC
-- calls                     calls that it signed, refused ones too
-- allowed                   those that passed
-- denials                   those refused for want of permission
-- denials_by_cause          causes of the denials with their number, the most frequent first
-- services                  services that it called, the most often called first; at most 20
-- service_count             how many there are
-- regions                   regions in which it called; at most 20
-- region_count              how many there are
-- source_ips                addresses that it was used from, the busiest first; at most 10
-- source_ip_count           how many there are
-- user_agents               programs, by their own word, the busiest first; at most 5
-- user_agent_count          how many there are
-- sessions_opened           sessions that it opened: GetSessionToken, AssumeRole, GetFederationToken
-- sessions_opened_with_mfa  those for which a code was shown
-- forwarded                 calls that a service made with it, counted apart
-- refused                   requests in its name whose credentials AWS refused, counted apart: nobody knows who sent them
-- owner_used_mfa            whether the owner ever used MFA: true where seen; false where only sessions and sign-ins without it were, or where the credential report knows no device; null where nothing tells
-- mfa_seen_in               event id that tells it, as in mfa_seen; null of the report
-- mfa_told_by               call, sign_in, session or credential_report
-- report_active             whether the credential report calls the key active; null where it does not tell of this key
-- report_rotated            when the key was made or last changed by the report, UTC
-- report_last_used          when it was last used by the report, UTC
--
-- A key is long-term by its record, not by its prefix: the S3 console signs sessions with AKIA ids.
-- The report names no keys: a line of it is a key's where the times of creation agree, or where
-- owner has one key here and one there. It counts uses to 15 minutes:
-- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
-- Besides calls, key_changes and mfa_seen there have to be key_denials (access_key_id, cause,
-- denials), reported (account_id, principal_arn, principal_name, slot, active, rotated, used) and
-- reported_owners (principal_arn, mfa_active), which may be empty.
with bad_credentials as (
    select error_code
    from error_codes
    where meaning = 'bad_credentials'
),

signed as (
    select
        access_key_id,
        principal_arn,
        principal_name,
        account_id,
        event_id,
        event_time,
        event_source,
        region,
        source_ip,
        user_agent,
        date,
        outcome,
        credential_kind = 'forwarded' as is_forwarded,
        coalesce(
            regexp_extract(error_code, '[^.]*$') in (
                select bad_credentials.error_code
                from bad_credentials
            ),
            false
        ) as is_refused,
        event_source = 'sts.amazonaws.com'
        and event_name in ('GetSessionToken', 'AssumeRole', 'GetFederationToken')
        and outcome = 'allowed' as is_opening,
        event_source = 'sts.amazonaws.com'
        and event_name in ('GetSessionToken', 'AssumeRole')
        and outcome = 'allowed'
        and coalesce(
            try(request_parameters ->> '$.serialNumber') <> '', false
        ) as is_opening_with_mfa
    from calls
    where
        access_key_id is not null
        and (
            credential_kind in ('long_term_key', 'root_key')
            or (
                credential_kind = 'forwarded'
                and access_key_id like 'AKIA%'
                and session_started is null
                and mfa_present is distinct from 'true'
            )
        )
),

-- Read twice rather than kept: the calls of all keys are many.
uses as not materialized (
    select
        *,
        not is_forwarded and not is_refused as is_use
    from signed
),

keys_used as (
    select
        access_key_id,
        max(principal_arn) as principal_arn,
        max(principal_name) as principal_name,
        max(account_id) as account_id,
        count(*) filter (is_use) as calls,
        count(*) filter (is_use and outcome = 'allowed') as allowed,
        count(*) filter (is_use and outcome = 'denied') as denials,
        count(*) filter (is_use and is_opening) as sessions_opened,
        count(*) filter (is_use and is_opening_with_mfa) as sessions_opened_with_mfa,
        count(*) filter (is_forwarded) as forwarded,
        count(*) filter (is_refused) as refused,
        min((event_time, event_id)) filter (is_use) as first_use,
        max((event_time, event_id)) filter (is_use) as last_use
    from uses
    group by access_key_id
),

-- Which of the columns a row counts, its facet tells.
by_facet as (
    select
        access_key_id,
        event_source,
        region,
        source_ip,
        user_agent,
        date,
        grouping_id(event_source, region, source_ip, user_agent, date) as facet,
        count(*) as calls
    from uses
    where is_use
    group by grouping sets (
        (access_key_id, event_source),
        (access_key_id, region),
        (access_key_id, source_ip),
        (access_key_id, user_agent),
        (access_key_id, date)
    )
),

facets as (
    select
        access_key_id,
        max_by(event_source, (calls, event_source), 20) filter (
            facet = 15 and event_source is not null
        ) as services,
        count(event_source) filter (facet = 15) as service_count,
        max_by(region, (calls, region), 20) filter (
            facet = 23 and region is not null
        ) as regions,
        count(region) filter (facet = 23) as region_count,
        max_by(source_ip, (calls, source_ip), 10) filter (
            facet = 27 and source_ip is not null
        ) as source_ips,
        count(source_ip) filter (facet = 27) as source_ip_count,
        max_by(user_agent, (calls, user_agent), 5) filter (
            facet = 29 and user_agent is not null
        ) as user_agents,
        count(user_agent) filter (facet = 29) as user_agent_count,
        count(date) filter (facet = 30) as days_used
    from by_facet
    group by access_key_id
),

keys_changed as (
    select
        access_key_id,
        max(principal_type) as owner_type,
        max(principal_name) as owner_name,
        max(principal_arn) as owner_arn,
        max(account_id) as account_id,
        min((event_time, event_id)) filter (change = 'created') as creation,
        max((event_time, event_id)) filter (change = 'deactivated') as deactivation,
        max((event_time, event_id)) filter (change = 'deleted') as deletion,
        arg_max(change, (event_time, event_id)) filter (change <> 'deleted') as last_change
    from key_changes
    group by access_key_id
),

known as (
    select
        coalesce(keys_used.access_key_id, keys_changed.access_key_id) as access_key_id,
        coalesce(
            case
                when keys_used.principal_arn like 'arn:%:iam::%:root' then 'root'
                when keys_used.principal_arn is not null then 'user'
            end,
            keys_changed.owner_type
        ) as owner_type,
        coalesce(keys_used.principal_name, keys_changed.owner_name) as owner_name,
        coalesce(keys_used.principal_arn, keys_changed.owner_arn) as owner_arn,
        coalesce(
            nullif(split_part(keys_used.principal_arn, ':', 5), ''),
            keys_changed.account_id,
            keys_used.account_id
        ) as account_id,
        keys_changed.creation,
        if(keys_changed.last_change = 'deactivated', keys_changed.deactivation, null)
            as deactivation,
        keys_changed.deletion,
        keys_changed.last_change,
        keys_used.first_use,
        keys_used.last_use,
        coalesce(keys_used.calls, 0) as calls,
        coalesce(keys_used.allowed, 0) as allowed,
        coalesce(keys_used.denials, 0) as denials,
        coalesce(keys_used.sessions_opened, 0) as sessions_opened,
        coalesce(keys_used.sessions_opened_with_mfa, 0) as sessions_opened_with_mfa,
        coalesce(keys_used.forwarded, 0) as forwarded,
        coalesce(keys_used.refused, 0) as refused
    from keys_used
    full outer join keys_changed
        on keys_used.access_key_id = keys_changed.access_key_id
),

lines as (
    select
        *,
        count(*) over (partition by principal_arn) as lines_of_owner,
        if(principal_arn like '%:user/%', 'user', 'root') as owner_type,
        regexp_extract(principal_arn, '[^/:]+$') as owner_name
    from reported
),

pairs as (
    select
        known.access_key_id,
        lines.principal_arn,
        lines.slot,
        lines.active,
        lines.rotated,
        lines.used,
        abs(
            epoch(known.creation[1]) - epoch(lines.rotated)
        ) <= 2 as is_same_creation,
        lines.lines_of_owner = 1
        and count(*) over (partition by lines.principal_arn, lines.slot) = 1
        and known.creation is null
        and coalesce(lines.rotated <= known.first_use[1], false) as is_only_one
    from known
    inner join lines
        on
            known.account_id = lines.account_id
            and known.owner_type = lines.owner_type
            and known.owner_name = lines.owner_name
    where known.deletion is null
),

agreed as (
    select *
    from pairs
    where is_same_creation or is_only_one
    qualify
        count(*) over (partition by access_key_id) = 1
        and count(*) over (partition by principal_arn, slot) = 1
),

-- Of an owner of whom the lake knows no key.
only_reported as (
    select lines.*
    from lines
    where
        not exists (
            select 1
            from known
            where
                known.account_id = lines.account_id
                and known.owner_type = lines.owner_type
                and known.owner_name = lines.owner_name
                and known.deletion is null
        )
),

every_key as (
    select
        known.*,
        agreed.active as report_active,
        agreed.rotated as report_rotated,
        agreed.used as report_last_used
    from known
    left join agreed on known.access_key_id = agreed.access_key_id
    union all by name
    select
        owner_type,
        owner_name,
        principal_arn as owner_arn,
        account_id,
        0 as calls,
        0 as allowed,
        0 as denials,
        0 as sessions_opened,
        0 as sessions_opened_with_mfa,
        0 as forwarded,
        0 as refused,
        active as report_active,
        rotated as report_rotated,
        used as report_last_used
    from only_reported
),

owners as (
    select
        coalesce(mfa_seen.principal_arn, reported_owners.principal_arn) as owner_arn,
        mfa_seen.used_mfa,
        mfa_seen.seen_in,
        mfa_seen.seen_as,
        reported_owners.mfa_active
    from mfa_seen
    full outer join reported_owners
        on mfa_seen.principal_arn = reported_owners.principal_arn
),

-- A user's path is not known where only the name is; of one account the name is unique.
owners_by_name as (
    select
        split_part(owner_arn, ':', 5) as account_id,
        if(owner_arn like '%:user/%', 'user', 'root') as owner_type,
        regexp_extract(owner_arn, '[^/:]+$') as owner_name,
        bool_or(used_mfa) as used_mfa,
        arg_max(seen_in, used_mfa) as seen_in,
        arg_max(seen_as, used_mfa) as seen_as,
        bool_or(mfa_active) as mfa_active
    from owners
    group by all
),

causes as (
    select
        access_key_id,
        list(cause || ': ' || denials order by denials desc, cause) as denials_by_cause
    from key_denials
    group by access_key_id
)

select
    every_key.access_key_id,
    case
        when every_key.deletion is not null then 'deleted'
        when every_key.report_active is not null
            then if(every_key.report_active, 'active', 'inactive')
        -- A deactivated key may sign for some minutes more; later it was activated again.
        when every_key.last_use[1] > every_key.deactivation[1] + interval 15 minutes then 'active'
        when every_key.deactivation is not null then 'inactive'
        when every_key.last_change is not null or every_key.calls + every_key.forwarded > 0
            then 'active'
    end as status,
    every_key.owner_type,
    every_key.owner_name,
    every_key.owner_arn,
    every_key.account_id,
    every_key.creation[1] as created_at,
    every_key.creation[2] as created_in,
    every_key.deactivation[1] as deactivated_at,
    every_key.deactivation[2] as deactivated_in,
    every_key.deletion[1] as deleted_at,
    every_key.deletion[2] as deleted_in,
    every_key.first_use[1] as first_used,
    every_key.first_use[2] as first_used_in,
    every_key.last_use[1] as last_used,
    every_key.last_use[2] as last_used_in,
    coalesce(facets.days_used, 0) as days_used,
    every_key.calls,
    every_key.allowed,
    every_key.denials,
    coalesce(causes.denials_by_cause, []) as denials_by_cause,
    coalesce(facets.services, []) as services,
    coalesce(facets.service_count, 0) as service_count,
    coalesce(facets.regions, []) as regions,
    coalesce(facets.region_count, 0) as region_count,
    coalesce(facets.source_ips, []) as source_ips,
    coalesce(facets.source_ip_count, 0) as source_ip_count,
    coalesce(facets.user_agents, []) as user_agents,
    coalesce(facets.user_agent_count, 0) as user_agent_count,
    every_key.sessions_opened,
    every_key.sessions_opened_with_mfa,
    every_key.forwarded,
    every_key.refused,
    coalesce(
        owners_by_name.used_mfa,
        if(not owners_by_name.mfa_active, false, null)
    ) as owner_used_mfa,
    owners_by_name.seen_in as mfa_seen_in,
    coalesce(
        owners_by_name.seen_as,
        if(not owners_by_name.mfa_active, 'credential_report', null)
    ) as mfa_told_by,
    every_key.report_active,
    every_key.report_rotated,
    every_key.report_last_used
from every_key
left join facets on every_key.access_key_id = facets.access_key_id
left join causes on every_key.access_key_id = causes.access_key_id
left join owners_by_name
    on
        every_key.account_id = owners_by_name.account_id
        and every_key.owner_type = owners_by_name.owner_type
        and every_key.owner_name = owners_by_name.owner_name
order by
    list_position(['active', 'inactive', 'deleted'], status),
    coalesce(every_key.owner_type = 'root', false) desc,
    last_used nulls first,
    every_key.owner_name,
    every_key.access_key_id
