-- experiments: one row for each refused call in question and each rule that the other calls of its principal speak to
--
-- event_id   refused call
-- rule       name of the rule, that of the CTE below
-- sentence   what was seen, for the reader, with the events that show it
-- witness    event id of the call or change that tells most
--
-- A like call is one of the same principal, to the same operation on the same resource with the same
-- parameters; in like circumstances: of the same region, address, program and VPC endpoint. It is a day
-- away at most; for what is called observed, an hour, as policies may ask for the time of day, and with
-- parameters that are recorded. A change of policies between two calls spoils the comparison, and takes
-- a while to be known everywhere:
-- https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency.
with questions as (
    select
        event_id,
        any_value(account_id) as account_id,
        any_value(coalesce(role_arn, principal_arn)) as principal
    from asked
    where
        coalesce(role_arn, principal_arn) is not null
        and credential_kind not in ('aws_service', 'anonymous', 'forwarded', 'cross_account')
    group by event_id
    -- Two records that claim one id are not one call.
    having count(*) = 1
),

principals as (
    select distinct
        account_id,
        principal
    from questions
),

own_calls as materialized (
    select
        calls.event_id,
        calls.event_time,
        calls.account_id,
        principals.principal,
        calls.event_source,
        calls.operation,
        calls.iam_action,
        calls.outcome,
        calls.session_started,
        coalesce(
            calls.resource_arn,
            -- Of a refused request the record may hold nothing; the message names what it was for.
            nullif(
                regexp_extract(
                    calls.error_message, ' on resource: "?(arn:[^" ]+)"?( |$)', 1
                ),
                ''
            ),
            ''
        ) as resource,
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
        regexp_matches(principals.principal, ':user/|:root$') as is_user,
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
        and calls.outcome <> 'failed'
        and calls.invoked_by is null
),

-- Of what was once refused.
comparable as (
    select
        *,
        -- Whatever a change must concern so as to touch the call: see the keys of changes.
        list_distinct(
            [
                'name ' || account_id || ' ' || regexp_extract(principal, '[^/:]+$'),
                'name ' || account_id || ' '
                || regexp_extract(resource, ':role/.*?([^/]+)$', 1),
                'iam ' || account_id,
                'organizations',
                'service ' || owner || ' ' || event_source,
                'service ' || owner || ' any',
                'service ' || account_id || ' any'
            ]
        ) as touched_by
    from own_calls
    where
        (account_id, principal, event_source, operation) in (
            select
                refused.account_id,
                refused.principal,
                refused.event_source,
                refused.operation
            from own_calls as refused
            where refused.outcome = 'denied'
        )
),

-- Changes of who may do what: policies, groups, boundaries and, as policies may ask for them, tags;
-- grants, access control lists and the attributes in which some services keep a policy. Others, as of
-- keys and devices, are none.
changes as (
    select
        event_id,
        event_time,
        event_name,
        event_source,
        account_id,
        coalesce(
            try(request_parameters ->> '$.userName'),
            try(request_parameters ->> '$.roleName')
        ) as whom
    from events
    where
        error_code is null
        and event_time is not null
        and regexp_matches(
            event_name,
            '^(Add|Attach|Change|Create|Delete|Detach|Disable|Enable|Modify|Put|Remove|Retire'
            || '|Revoke|Set|Tag|Untag|Update)'
        )
        and (
            regexp_matches(
                event_name,
                'Policy|Policies|Permission|Grant|Acl|Tag|PublicAccessBlock|VpcEndpoint'
                || '|^Set.*Attributes$'
            )
            or (
                event_source = 'iam.amazonaws.com'
                and regexp_matches(event_name, 'Group|Boundary|(User|Role)$')
            )
        )
),

-- With each key by which a call may be touched. What names neither user nor role may touch anybody of
-- the account; a resource's own policy, calls of that service; keys, endpoints and tags given for
-- several services, any; an organization's, every account.
keyed as (
    select
        unnest(
            case
                when event_source = 'organizations.amazonaws.com' then ['organizations']
                when event_source = 'iam.amazonaws.com' and whom is not null
                    then ['name ' || account_id || ' ' || whom]
                when event_source = 'iam.amazonaws.com' then ['iam ' || account_id]
                when
                    event_source in (
                        'kms.amazonaws.com', 'ram.amazonaws.com', 'tagging.amazonaws.com'
                    )
                    or event_name like '%VpcEndpoint%'
                    then ['service ' || account_id || ' any', 'service * any']
                else [
                    'service ' || account_id || ' ' || event_source,
                    'service * ' || event_source
                ]
            end
        ) as key,
        event_time as changed_at,
        {
            'at': event_time,
            'event_id': event_id,
            'event_name': event_name,
            'whom': whom
        } as change
    from changes
),

changes_by_key as (
    select
        key,
        changed_at,
        min(change) as change
    from keyed
    group by key, changed_at
),

touching as (
    select *
    from (
        select
            comparable.event_id,
            comparable.account_id,
            comparable.event_time,
            unnest(comparable.touched_by) as key
        from comparable
    ) as by_key
    where by_key.key in (select changes_by_key.key from changes_by_key)
),

last_changes as (
    select
        touching.event_id,
        touching.account_id,
        touching.event_time,
        max(changes_by_key.change) as change
    from touching
    asof inner join changes_by_key
        on
            touching.key = changes_by_key.key
            and touching.event_time >= changes_by_key.changed_at
    group by touching.event_id, touching.account_id, touching.event_time
),

tried as materialized (
    select
        comparable.* exclude (touched_by, owner),
        last_changes.change,
        coalesce(last_changes.change.event_id, '') as epoch,
        coalesce(
            comparable.event_time - last_changes.change.at > interval 60 seconds, true
        ) as is_settled,
        strftime(comparable.event_time, '%Y-%m-%d %H:%M:%S') || ' UTC (event '
        || comparable.event_id || ')' as place
    from comparable
    left join last_changes
        on
            comparable.event_id = last_changes.event_id
            and comparable.account_id = last_changes.account_id
            and comparable.event_time = last_changes.event_time
),

asked_without as materialized (
    select tried.*
    from tried
    inner join questions
        on
            tried.event_id = questions.event_id
            and tried.account_id = questions.account_id
    where tried.outcome = 'denied' and not coalesce(tried.with_mfa, false)
),

-- What there is to compare with. Where no parameters of the refused call are recorded, a call that
-- passed is like it if all that passed had the same.
compared as (
    select
        *,
        case
            when outcome = 'allowed' and not coalesce(with_mfa, false)
                then 'passed as ' || signed_with
            when not is_user then null
            when outcome = 'allowed' then 'passed with MFA'
            when with_mfa and event_time - session_started < interval 5 minutes
                then 'refused with MFA'
            when not coalesce(with_mfa, false) then 'refused as ' || signed_with
        end as contrast
    from tried
),

likened as materialized (
    select
        *,
        true as is_recorded
    from compared
    where contrast is not null
    union all by name
    select
        * replace ('' as parameters),
        false as is_recorded
    from compared
    where contrast like 'passed %' and parameters <> ''
    window
        like_calls as (
            partition by account_id, principal, event_source, operation, resource, contrast
        )
    qualify min(parameters) over like_calls = max(parameters) over like_calls
),

refused_without as materialized (
    select *
    from likened
    where contrast like 'refused as %' and with_mfa = false
),

passed_with as materialized (
    select *
    from likened
    where contrast = 'passed with MFA' and is_settled and is_recorded
),

between_refusals as (
    select
        passed_with.*,
        earlier.event_time as refused_before,
        earlier.place as place_before,
        earlier.signed_with as refused_as
    from passed_with
    asof inner join refused_without as earlier
        on
            passed_with.account_id = earlier.account_id
            and passed_with.principal = earlier.principal
            and passed_with.event_source = earlier.event_source
            and passed_with.operation = earlier.operation
            and passed_with.resource = earlier.resource
            and passed_with.circumstances = earlier.circumstances
            and passed_with.parameters = earlier.parameters
            and passed_with.epoch = earlier.epoch
            and passed_with.event_time > earlier.event_time
    where
        earlier.is_settled
        and passed_with.event_time - earlier.event_time <= interval 1 hour
),

-- Refused, passed, refused again: what changed only once does not explain it.
repeated as (
    select
        between_refusals.*,
        later.event_time as refused_after,
        later.place as place_after
    from between_refusals
    asof inner join refused_without as later
        on
            between_refusals.account_id = later.account_id
            and between_refusals.principal = later.principal
            and between_refusals.event_source = later.event_source
            and between_refusals.operation = later.operation
            and between_refusals.resource = later.resource
            and between_refusals.circumstances = later.circumstances
            and between_refusals.parameters = later.parameters
            and between_refusals.epoch = later.epoch
            and between_refusals.refused_as = later.signed_with
            and between_refusals.event_time < later.event_time
    where
        later.event_time - between_refusals.event_time <= interval 1 hour
        -- Where older sessions are revoked, only those opened before are refused.
        and (
            between_refusals.refused_as = 'key'
            or later.session_started > between_refusals.session_started
        )
),

-- Unless something else speaks against it, in whatever circumstances: the same kind of credential
-- that passed without MFA, or a refusal with it.
against as (
    select
        *,
        if(contrast = 'refused with MFA', 'any', signed_with) as speaks_of
    from likened
    where contrast like 'passed as %' or contrast = 'refused with MFA'
),

unopposed as (
    select repeated.*
    from repeated
    asof left join against as other
        on
            repeated.account_id = other.account_id
            and repeated.principal = other.principal
            and repeated.event_source = other.event_source
            and repeated.operation = other.operation
            and repeated.resource = other.resource
            and repeated.refused_as = other.speaks_of
            and repeated.refused_after >= other.event_time
    asof left join against as refusal
        on
            repeated.account_id = refusal.account_id
            and repeated.principal = refusal.principal
            and repeated.event_source = refusal.event_source
            and repeated.operation = refusal.operation
            and repeated.resource = refusal.resource
            and refusal.speaks_of = 'any'
            and repeated.refused_after >= refusal.event_time
    where
        coalesce(other.event_time < repeated.refused_before, true)
        and coalesce(refusal.event_time < repeated.refused_before, true)
),

passed_with_mfa_between_refusals as (
    select
        asked_without.event_id,
        min_by(
            {
                'sentence': 'For: without MFA the same call was refused at '
                || unopposed.place_before || ' and again at ' || unopposed.place_after
                || '; between the two it passed with MFA, at ' || unopposed.place || '.',
                'witness': unopposed.event_id
            },
            (
                abs(epoch(unopposed.event_time) - epoch(asked_without.event_time)),
                unopposed.event_id
            )
        ) as told
    from asked_without
    inner join unopposed
        on
            asked_without.account_id = unopposed.account_id
            and asked_without.principal = unopposed.principal
            and asked_without.event_source = unopposed.event_source
            and asked_without.operation = unopposed.operation
            and asked_without.resource = unopposed.resource
            and asked_without.circumstances = unopposed.circumstances
            and asked_without.parameters = unopposed.parameters
            and asked_without.epoch = unopposed.epoch
            and asked_without.signed_with = unopposed.refused_as
    where
        asked_without.is_settled
        and asked_without.with_mfa = false
        and asked_without.event_time
        between unopposed.event_time - interval 1 hour
        and unopposed.event_time + interval 1 hour
    group by asked_without.event_id
),

-- Each refused call with each kind of call to compare it with.
pairs as (
    select
        asked_without.*,
        contrasts.contrast
    from asked_without
    cross join (
        values
        ('passed with MFA'),
        ('refused with MFA'),
        ('passed as key'),
        ('passed as session'),
        ('passed as assumed_role'),
        ('passed as workload_role'),
        ('passed as federated')
    ) as contrasts (contrast)
    where
        (
            contrasts.contrast like '% with MFA'
            or contrasts.contrast = 'passed as ' || asked_without.signed_with
        )
        -- Most have nothing to be compared with.
        and (
            contrasts.contrast,
            asked_without.account_id,
            asked_without.principal,
            asked_without.event_source,
            asked_without.operation,
            asked_without.resource,
            asked_without.parameters
        ) in (
            select
                likened.contrast,
                likened.account_id,
                likened.principal,
                likened.event_source,
                likened.operation,
                likened.resource,
                likened.parameters
            from likened
        )
),

-- The nearest before and the nearest after.
neighbours as (
    select
        pairs,
        likened as found
    from pairs
    asof inner join likened
        on
            pairs.contrast = likened.contrast
            and pairs.account_id = likened.account_id
            and pairs.principal = likened.principal
            and pairs.event_source = likened.event_source
            and pairs.operation = likened.operation
            and pairs.resource = likened.resource
            and pairs.parameters = likened.parameters
            and pairs.event_time >= likened.event_time
    union all
    select
        pairs,
        likened as found
    from pairs
    asof inner join likened
        on
            pairs.contrast = likened.contrast
            and pairs.account_id = likened.account_id
            and pairs.principal = likened.principal
            and pairs.event_source = likened.event_source
            and pairs.operation = likened.operation
            and pairs.resource = likened.resource
            and pairs.parameters = likened.parameters
            and pairs.event_time <= likened.event_time
),

nearest as (
    select
        pairs as asked,
        found,
        found.circumstances = pairs.circumstances as is_alike,
        found.epoch = pairs.epoch and found.is_settled and pairs.is_settled as is_unchanged,
        found.event_time - pairs.event_time as later_by
    from neighbours
    where
        abs(epoch(found.event_time) - epoch(pairs.event_time)) <= 24 * 3600
    qualify
        row_number() over (
            partition by pairs.event_id, pairs.contrast
            order by
                is_alike desc,
                is_unchanged desc,
                abs(epoch(found.event_time) - epoch(pairs.event_time)) asc,
                found.event_id asc
        ) = 1
),

passed_with_mfa as (
    select
        asked.event_id,
        {
            'sentence': 'For: the same call passed with MFA at ' || found.place || '.',
            'witness': found.event_id
        } as told
    from nearest
    where asked.contrast = 'passed with MFA' and is_alike and is_unchanged
),

passed_with_mfa_elsewhere as (
    select
        asked.event_id,
        {
            'sentence': 'Seen: the same call passed with MFA at ' || found.place || ', but '
            || case
                when not is_alike
                    then
                        'in other circumstances ('
                        || array_to_string(
                            list_filter(
                                found.circumstances,
                                lambda word: not list_contains(asked.circumstances, word)
                                and word <> ''
                            ),
                            ', '
                        ) || ').'
                else
                    'policies were changed at about that time or between the two'
                    || coalesce(' (event ' || nullif(found.epoch, '') || ').', '.')
            end,
            'witness': found.event_id
        } as told
    from nearest
    where asked.contrast = 'passed with MFA' and not (is_alike and is_unchanged)
),

passed_without_mfa as (
    select
        asked.event_id,
        {
            'sentence': 'Against MFA: the same call passed with the same kind of credential,'
            || ' without MFA, at ' || found.place || '.',
            'witness': found.event_id
        } as told
    from nearest
    where
        asked.contrast in ('passed as key', 'passed as session', 'passed as assumed_role')
        and is_alike
        and is_unchanged
),

refused_with_mfa as (
    select
        asked.event_id,
        {
            'sentence': 'Against MFA: the same call was refused in a session that had passed MFA'
            || ' minutes before, at ' || found.place || '.',
            'witness': found.event_id
        } as told
    from nearest
    where asked.contrast = 'refused with MFA' and is_alike and is_unchanged
),

-- The role, or whoever called, was made or changed within a minute before; minutes later it passed.
not_yet_known_everywhere as (
    select
        asked.event_id,
        {
            'sentence': 'For: ' || asked.change.event_name || ' changed ' || asked.change.whom
            || ' ' || cast(epoch(asked.event_time - asked.change.at) as integer)
            || ' seconds before (event ' || asked.change.event_id
            || '), and the same call passed with the same kind of credential '
            || cast(epoch(later_by) as integer) || ' seconds later, at ' || found.place
            || ': what changes in IAM takes a while to be known everywhere.',
            'witness': asked.change.event_id
        } as told
    from nearest
    where
        asked.contrast like 'passed as %'
        and is_alike
        and not asked.is_settled
        and asked.change.whom is not null
        and found.epoch = asked.epoch
        and later_by between interval 0 seconds and interval 2 minutes
),

-- A policy more, and the same call passed: what is added takes no denial away.
passed_after_a_grant as (
    select
        asked.event_id,
        {
            'sentence': 'For: afterwards ' || found.change.event_name || ' changed '
            || found.change.whom || ' (event ' || found.change.event_id
            || '), and the same call passed with the same kind of credential at '
            || found.place || '.',
            'witness': found.change.event_id
        } as told
    from nearest
    where
        asked.contrast like 'passed as %'
        and is_alike
        and later_by > interval 0 seconds
        and found.change.at > asked.event_time
        and found.change.whom = regexp_extract(asked.principal, '[^/:]+$')
        and regexp_matches(
            found.change.event_name,
            '^(AttachUserPolicy|AttachRolePolicy|PutUserPolicy|PutRolePolicy|AddUserToGroup)$'
        )
),

-- What a user may do without MFA so as to get it, and what needs no permission at all:
-- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html
self_service (iam_action) as (
    values
    ('iam:ChangePassword'),
    ('iam:CreateVirtualMFADevice'),
    ('iam:EnableMFADevice'),
    ('iam:GetAccountPasswordPolicy'),
    ('iam:GetMFADevice'),
    ('iam:GetUser'),
    ('iam:ListMFADevices'),
    ('iam:ListVirtualMFADevices'),
    ('iam:ResyncMFADevice'),
    ('sts:GetCallerIdentity'),
    ('sts:GetSessionToken')
),

weeks as (
    select
        own_calls.account_id,
        own_calls.principal,
        date_trunc('week', own_calls.event_time) as week,
        count(distinct own_calls.iam_action) filter (
            own_calls.outcome = 'denied' and not own_calls.with_mfa
        ) as refused,
        count(distinct own_calls.event_source) filter (
            own_calls.outcome = 'denied' and not own_calls.with_mfa
        ) as services,
        count(distinct own_calls.iam_action) filter (
            own_calls.outcome = 'allowed'
            and not own_calls.with_mfa
            and self_service.iam_action like 'iam:%'
        ) as passed_to_enrol,
        count(*) filter (
            own_calls.outcome = 'allowed'
            and own_calls.with_mfa is distinct from true
            and self_service.iam_action is null
        ) as passed_besides,
        count(distinct own_calls.iam_action) filter (
            own_calls.outcome = 'allowed'
            and own_calls.with_mfa
            and self_service.iam_action is null
        ) as passed_with_mfa
    from own_calls
    left join self_service on own_calls.iam_action = self_service.iam_action
    where own_calls.is_user and own_calls.iam_action is not null
    group by own_calls.account_id, own_calls.principal, date_trunc('week', own_calls.event_time)
),

only_self_service_passes as (
    select
        asked_without.event_id,
        {
            'sentence': 'For: in the week from ' || strftime(weeks.week, '%Y-%m-%d') || ', '
            || weeks.refused || ' actions were refused to this principal without MFA, and nothing'
            || ' passed without it but what a user needs to enrol a device; with MFA '
            || weeks.passed_with_mfa || ' other actions passed.',
            'witness': asked_without.event_id
        } as told
    from asked_without
    inner join weeks
        on
            asked_without.account_id = weeks.account_id
            and asked_without.principal = weeks.principal
            and date_trunc('week', asked_without.event_time) = weeks.week
    where
        weeks.refused >= 5
        and weeks.services >= 2
        and weeks.passed_to_enrol >= 1
        and weeks.passed_besides = 0
        and weeks.passed_with_mfa >= 3
)

select
    event_id,
    'passed_with_mfa_between_refusals' as rule,
    told.sentence,
    told.witness
from passed_with_mfa_between_refusals
union all
select
    event_id,
    'passed_with_mfa' as rule,
    told.sentence,
    told.witness
from passed_with_mfa
union all
select
    event_id,
    'passed_with_mfa_elsewhere' as rule,
    told.sentence,
    told.witness
from passed_with_mfa_elsewhere
union all
select
    event_id,
    'passed_without_mfa' as rule,
    told.sentence,
    told.witness
from passed_without_mfa
union all
select
    event_id,
    'refused_with_mfa' as rule,
    told.sentence,
    told.witness
from refused_with_mfa
union all
select
    event_id,
    'not_yet_known_everywhere' as rule,
    told.sentence,
    told.witness
from not_yet_known_everywhere
union all
select
    event_id,
    'passed_after_a_grant' as rule,
    told.sentence,
    told.witness
from passed_after_a_grant
union all
select
    event_id,
    'only_self_service_passes' as rule,
    told.sentence,
    told.witness
from only_self_service_passes
