-- timeline: one row for each run of like calls of a story, in the order in which they began
--
-- first_time       first call of the run, UTC
-- last_time        last call of the run, UTC
-- calls            how many calls
-- lane             credential that signed them, in words
-- access_key_id    its key; null where the records give none
-- credential_kind  kind of credential, as in calls
-- mfa_present      aws:MultiFactorAuthPresent in the requests: true, false or absent; null where it cannot be known
-- principal_name   user, role, service, or the person behind a federated session
-- actions          up to five actions, or operations where there is none; in order of name
-- action_count     how many there are
-- resource_arn     what was to be touched, where it is one thing; null otherwise
-- resource_count   how many things that were
-- source_ip        address of the caller, or the name of a service
-- outcome          allowed, denied (refused for want of permission) or failed (for another reason)
-- error_code       service error; null where the calls passed
-- cause            why they were denied; null where they were not
-- certainty        how well that is known
-- opens            temporary key that the first of them handed out; null where none did
-- words            what happened, in plain words
-- account_id       account whose trail holds the calls
-- region           region in which they were made
-- event_id         first call
-- last_event_id    last call
--
-- Asked of story (calls, narrow) and of verdicts (event_id, cause, certainty). Calls are alike where
-- lane, operation, outcome, cause and address are the same, and no other call of that lane nor an hour
-- lies between them. Calls that passed, opened nothing, changed nobody and are of operations that were
-- never refused in the story are alike whatever the operation.
with told as (
    select
        story.*,
        verdicts.cause,
        verdicts.certainty,
        coalesce(story.iam_action, story.event_name, 'an unnamed operation') as what,
        if(
            story.outcome = 'allowed'
            and story.opens is null
            and story.changes_whom is null
            and story.event_name is distinct from 'ConsoleLogin'
            and (story.event_source, story.event_name) not in (
                select
                    refused.event_source,
                    refused.event_name
                from story as refused
                where refused.outcome = 'denied'
            ),
            [story.source_ip],
            [
                story.source_ip,
                story.event_source,
                story.event_name,
                story.outcome,
                story.error_code,
                verdicts.cause
            ]
        ) as kind,
        coalesce(
            story.access_key_id,
            -- A sign-in has no key of its own.
            story.principal_arn || if(story.event_name = 'ConsoleLogin', ' signs in', ''),
            ''
        ) as lane_key
    from story
    left join verdicts on story.event_id = verdicts.event_id
),

placed as (
    select
        *,
        lag(kind) over lane as previous_kind,
        lag(event_time) over lane as previous_time
    from told
    window lane as (partition by lane_key order by event_time asc, event_id asc)
),

counted as (
    select
        *,
        count(*) filter (
            previous_time is null
            or opens is not null
            or previous_kind is distinct from kind
            or event_time - previous_time > interval 1 hour
            or event_time is null
        ) over (
            partition by lane_key
            order by event_time asc, event_id asc
            rows between unbounded preceding and current row
        ) as run
    from placed
),

runs as (
    select
        lane_key,
        run,
        min(event_time) as first_time,
        max(event_time) as last_time,
        count(*) as calls,
        list_sort(list(distinct what)) as actions,
        count(distinct resource_arn) as resource_count,
        any_value(resource_arn) as resource_arn,
        arg_min(counted, (event_time, event_id)) as first_call,
        arg_max(event_id, (event_time, event_id)) as last_event_id
    from counted
    group by lane_key, run
),

worded as (
    select
        *,
        case
            when first_call.credential_kind = 'long_term_key' then 'long-term key'
            when first_call.credential_kind = 'root_key' then 'root''s long-term key'
            when first_call.credential_kind = 'session_token' then 'session of'
            when first_call.credential_kind = 'console' then 'console of'
            when first_call.credential_kind = 'assumed_role' then 'role'
            when first_call.credential_kind = 'workload_role' then 'machine''s role'
            when first_call.credential_kind = 'federated' then 'federated'
            when first_call.credential_kind = 'forwarded'
                then coalesce(first_call.invoked_by, 'a service') || ' for'
            when first_call.credential_kind = 'aws_service' then 'service'
            else 'unknown credential'
        end
        || case
            when first_call.credential_kind in ('long_term_key', 'root_key') then ''
            else coalesce(' ' || first_call.principal_name, '')
        end
        || case
            when first_call.credential_kind in ('session_token', 'console', 'assumed_role')
                then
                    case first_call.mfa_present
                        when 'true' then ' with MFA'
                        when 'false' then ' without MFA'
                        else ''
                    end
            else ''
        end
        || coalesce(' ' || first_call.access_key_id, '') as lane,
        array_to_string(actions[:3], ', ')
        || if(len(actions) > 3, ' and ' || (len(actions) - 3) || ' more', '') as what,
        case
            when len(actions) > 1 then ''
            when resource_count = 1 then ' on ' || resource_arn
            when resource_count > 1 then ' on ' || resource_count || ' resources'
            else ''
        end as on_what,
        if(calls > len(actions), ', ' || calls || ' times', '') as times
    from runs
)

select
    first_time,
    last_time,
    calls,
    lane,
    first_call.access_key_id,
    first_call.credential_kind,
    first_call.mfa_present,
    first_call.principal_name,
    actions[:5] as actions,
    len(actions) as action_count,
    if(resource_count = 1, resource_arn, null) as resource_arn,
    resource_count,
    first_call.source_ip,
    first_call.outcome,
    first_call.error_code,
    first_call.cause,
    first_call.certainty,
    first_call.opens,
    case
        when first_call.credential_kind = 'forwarded'
            then coalesce(first_call.invoked_by, 'a service') || ', for '
        else ''
    end
    || coalesce(first_call.principal_name, 'somebody')
    || if(first_call.credential_kind = 'forwarded', ', ', ' ')
    || case
        when first_call.event_name = 'ConsoleLogin' and first_call.outcome <> 'allowed'
            then 'failed to sign in to the console' || times
        when first_call.event_name = 'ConsoleLogin'
            then
                'signed in to the console'
                || case
                    when first_call.federated then ', by way of an identity provider'
                    when first_call.shown_mfa = 'Yes' then ', with MFA'
                    when first_call.shown_mfa = 'No' then ', without MFA'
                    else ''
                end
        when first_call.opens is not null
            then
                'opened a session'
                || case first_call.event_name
                    when 'GetSessionToken' then ''
                    when 'GetFederationToken' then ' for a federated user'
                    else
                        ' of '
                        || coalesce(
                            regexp_extract(first_call.role_asked, '[^:]*$'), 'a role'
                        )
                end
                || case
                    when first_call.shown_device is not null
                        then ' with MFA (' || first_call.shown_device || ')'
                    when first_call.event_name = 'GetSessionToken' then ' without MFA'
                    else ''
                end
                || ': ' || first_call.opens
        when first_call.outcome = 'denied'
            then
                'was refused ' || what || on_what || times
                || coalesce(
                    ' (' || first_call.cause || ', ' || first_call.certainty || ')', ''
                )
        when first_call.outcome = 'failed'
            then
                'tried ' || what || on_what || times || ': '
                || coalesce(first_call.error_code, 'it failed')
        when first_call.changes_whom is not null
            then
                'changed ' || first_call.changes_whom || ': ' || first_call.event_name
                || coalesce(' ' || first_call.changes_what, '') || times
        else 'called ' || what || on_what || times
    end as words,
    first_call.account_id,
    first_call.region,
    first_call.event_id,
    last_event_id
from worded
order by first_time asc, last_event_id asc
