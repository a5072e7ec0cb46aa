-- comparisons: one row for each refused call in question and each rule that like calls of its principal speak to
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
with topics as materialized (
    select
        *,
        row_number() over () as topic
    from refused_topics
),

-- What there is to compare, each call with a number of its own.
candidates as materialized (
    select
        uuid() as number,
        topics.topic,
        own_calls.account_id,
        own_calls.event_id,
        own_calls.event_time,
        own_calls.session_started,
        own_calls.circumstances,
        own_calls.parameters,
        own_calls.owner,
        own_calls.signed_with,
        own_calls.with_mfa,
        own_calls.outcome = 'denied'
        and not coalesce(own_calls.with_mfa, false) as is_refused_without,
        case
            when
                own_calls.outcome = 'allowed'
                and not coalesce(own_calls.with_mfa, false)
                then 'passed as ' || own_calls.signed_with
            when not own_calls.is_user then null
            when own_calls.outcome = 'allowed' then 'passed with MFA'
            when
                own_calls.with_mfa
                and own_calls.event_time - own_calls.session_started < interval 5 minutes
                then 'refused with MFA'
            when not coalesce(own_calls.with_mfa, false)
                then 'refused as ' || own_calls.signed_with
        end as contrast
    from own_calls
    inner join topics
        on
            own_calls.account_id = topics.account_id
            and own_calls.principal = topics.principal
            and own_calls.event_source = topics.event_source
            and own_calls.operation = topics.operation
            and own_calls.resource = topics.resource
),

-- Of two that claim one id, nobody knows which is true. Texts are counted by their hashes, and those few
-- by themselves that share one.
hashes_of_several as (
    select hash(event_id) as id_hash
    from candidates
    group by id_hash
    having count(*) > 1
),

claimed_twice as materialized (
    select event_id
    from candidates
    where hash(event_id) in (select hashes_of_several.id_hash from hashes_of_several)
    group by event_id
    having count(*) > 1
),

comparable as not materialized (
    select *
    from candidates
    where event_id not in (select claimed_twice.event_id from claimed_twice)
),

-- Of most topics there are refusals only.
compared_topics as materialized (
    select distinct topic
    from comparable
    where contrast like 'passed %' or contrast = 'refused with MFA'
),

asked_without as materialized (
    select
        comparable.number,
        comparable.topic,
        comparable.event_time,
        comparable.circumstances,
        comparable.parameters,
        comparable.signed_with,
        comparable.with_mfa
    from comparable
    inner join compared_topics on comparable.topic = compared_topics.topic
    inner join questions
        on
            comparable.event_id = questions.event_id
            and comparable.account_id = questions.account_id
    where comparable.is_refused_without
),

-- The same call in the same circumstances.
distinct_likenesses as (
    select distinct
        topic,
        circumstances,
        parameters
    from asked_without
    where with_mfa = false
),

likenesses as (
    select
        *,
        row_number() over () as likeness
    from distinct_likenesses
),

-- What may have passed between two refusals.
tested as materialized (
    select
        comparable.number,
        comparable.contrast,
        likenesses.likeness
    from comparable
    inner join likenesses
        on
            comparable.topic = likenesses.topic
            and comparable.circumstances = likenesses.circumstances
            and comparable.parameters = likenesses.parameters
    where
        comparable.contrast = 'passed with MFA'
        or (comparable.contrast like 'refused as %' and comparable.with_mfa = false)
),

tested_both_ways as materialized (
    select tested.*
    from tested
    where
        tested.likeness in (
            select passed.likeness
            from tested as passed
            where passed.contrast = 'passed with MFA'
        )
),

-- Each refused call with each kind of call to compare it with.
pairs as materialized (
    select
        asked_without.number,
        asked_without.event_time,
        asked_without.topic,
        asked_without.parameters,
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
        contrasts.contrast like '% with MFA'
        or contrasts.contrast = 'passed as ' || asked_without.signed_with
),

distinct_kinds as (
    select distinct
        topic,
        parameters,
        contrast
    from pairs
),

kinds as materialized (
    select
        *,
        row_number() over () as kind
    from distinct_kinds
),

-- Where no parameters of the refused call are recorded, a call that passed is like it if all that
-- passed had the same.
passed_alike as (
    select
        topic,
        contrast
    from comparable
    where contrast like 'passed %' and parameters <> ''
    group by topic, contrast
    having min(parameters) = max(parameters)
),

perhaps_like as (
    select
        number,
        event_id,
        event_time,
        topic,
        contrast,
        parameters
    from comparable
    union all
    select
        comparable.number,
        comparable.event_id,
        comparable.event_time,
        comparable.topic,
        comparable.contrast,
        '' as parameters
    from comparable
    inner join passed_alike
        on
            comparable.topic = passed_alike.topic
            and comparable.contrast = passed_alike.contrast
    where comparable.parameters <> ''
),

-- One at a time: of two in the same second, the same is taken always.
likened as materialized (
    select
        kinds.kind,
        perhaps_like.event_time,
        min_by(perhaps_like.number, perhaps_like.event_id) as number
    from perhaps_like
    inner join kinds
        on
            perhaps_like.topic = kinds.topic
            and perhaps_like.contrast = kinds.contrast
            and perhaps_like.parameters = kinds.parameters
    group by kinds.kind, perhaps_like.event_time
),

pairs_by_kind as materialized (
    select
        pairs.number,
        pairs.event_time,
        kinds.kind
    from pairs
    inner join kinds
        on
            pairs.topic = kinds.topic
            and pairs.parameters = kinds.parameters
            and pairs.contrast = kinds.contrast
    where kinds.kind in (select likened.kind from likened)
),

-- The nearest before and the nearest after.
neighbours as materialized (
    select
        pairs_by_kind.number as asked,
        pairs_by_kind.kind,
        likened.number as found
    from pairs_by_kind
    asof inner join likened
        on
            pairs_by_kind.kind = likened.kind
            and pairs_by_kind.event_time >= likened.event_time
    where pairs_by_kind.event_time - likened.event_time <= interval 24 hours
    union all
    select
        pairs_by_kind.number as asked,
        pairs_by_kind.kind,
        likened.number as found
    from pairs_by_kind
    asof inner join likened
        on
            pairs_by_kind.kind = likened.kind
            and pairs_by_kind.event_time <= likened.event_time
    where likened.event_time - pairs_by_kind.event_time <= interval 24 hours
),

-- What is compared in the end.
wanted as materialized (
    select number
    from tested_both_ways
    union
    select asked as number
    from neighbours
    union
    select found as number
    from neighbours
),

compared as materialized (
    select comparable.*
    from comparable
    inner join wanted on comparable.number = wanted.number
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
    from permission_changes
),

changes_by_key as materialized (
    select
        key,
        changed_at,
        min(change) as change,
        dense_rank() over (order by key) as key_number,
        dense_rank() over (order by min(change)) as epoch
    from keyed
    group by key, changed_at
),

changes_by_epoch as (
    select distinct
        epoch,
        change
    from changes_by_key
),

owners as (
    select distinct
        topic,
        owner
    from compared
),

-- Whatever a change must concern so as to touch a call: see the keys of changes.
touchable as (
    select
        owners.topic,
        owners.owner,
        unnest(
            list_distinct(
                [
                    'name ' || topics.account_id || ' '
                    || regexp_extract(topics.principal, '[^/:]+$'),
                    'name ' || topics.account_id || ' '
                    || regexp_extract(topics.resource, ':role/.*?([^/]+)$', 1),
                    'iam ' || topics.account_id,
                    'organizations',
                    'service ' || owners.owner || ' ' || topics.event_source,
                    'service ' || owners.owner || ' any',
                    'service ' || topics.account_id || ' any'
                ]
            )
        ) as key
    from owners
    inner join topics on owners.topic = topics.topic
),

keys as (
    select distinct
        key,
        key_number
    from changes_by_key
),

touching as (
    select
        touchable.topic,
        touchable.owner,
        keys.key_number
    from touchable
    inner join keys on touchable.key = keys.key
),

touched as (
    select
        compared.number,
        compared.event_time,
        touching.key_number
    from compared
    inner join touching
        on compared.topic = touching.topic and compared.owner = touching.owner
),

last_changes as (
    select
        touched.number,
        max(changes_by_key.epoch) as epoch
    from touched
    asof inner join changes_by_key
        on
            touched.key_number = changes_by_key.key_number
            and touched.event_time >= changes_by_key.changed_at
    group by touched.number
),

tried as materialized (
    select
        compared.*,
        coalesce(last_changes.epoch, 0) as epoch,
        changes_by_epoch.change,
        coalesce(
            compared.event_time - changes_by_epoch.change.at > interval 60 seconds, true
        ) as is_settled,
        strftime(compared.event_time, '%Y-%m-%d %H:%M:%S') || ' UTC (event '
        || compared.event_id || ')' as place
    from compared
    left join last_changes on compared.number = last_changes.number
    left join changes_by_epoch on last_changes.epoch = changes_by_epoch.epoch
),

trials as not materialized (
    select
        tried.*,
        tested_both_ways.likeness
    from tried
    inner join tested_both_ways on tried.number = tested_both_ways.number
),

-- One at a time: of two in the same second, the same is taken always.
refused_without as materialized (
    select
        likeness,
        epoch,
        signed_with,
        event_time,
        is_settled,
        min_by(session_started, event_id) as session_started,
        min_by(place, event_id) as place
    from trials
    where contrast like 'refused as %'
    group by likeness, epoch, signed_with, event_time, is_settled
),

refused_first as (
    select
        likeness,
        epoch,
        event_time,
        min_by(signed_with, place) as signed_with,
        min(place) as place
    from refused_without
    where is_settled
    group by likeness, epoch, event_time
),

passed_with as (
    select
        event_id,
        event_time,
        topic,
        session_started,
        place,
        epoch,
        likeness
    from trials
    where contrast = 'passed with MFA' and is_settled
),

between_refusals as (
    select
        passed_with.*,
        earlier.event_time as refused_before,
        earlier.place as place_before,
        earlier.signed_with as refused_as
    from passed_with
    asof inner join refused_first as earlier
        on
            passed_with.likeness = earlier.likeness
            and passed_with.epoch = earlier.epoch
            and passed_with.event_time > earlier.event_time
    where passed_with.event_time - earlier.event_time <= interval 1 hour
),

-- Refused, passed, refused again: what changed only once does not explain it.
repeated as materialized (
    select
        between_refusals.*,
        later.event_time as refused_after,
        later.place as place_after
    from between_refusals
    asof inner join refused_without as later
        on
            between_refusals.likeness = later.likeness
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
against as materialized (
    select
        topic,
        if(contrast = 'refused with MFA', 'any', signed_with) as speaks_of,
        event_time
    from comparable
    where
        (contrast like 'passed as %' or contrast = 'refused with MFA')
        and topic in (select repeated.topic from repeated)
    group by all
),

unopposed as materialized (
    select
        repeated.*,
        row_number() over (
            partition by
                repeated.likeness, repeated.epoch, repeated.refused_as, repeated.event_time
            order by repeated.event_id
        ) as turn
    from repeated
    asof left join against as other
        on
            repeated.topic = other.topic
            and repeated.refused_as = other.speaks_of
            and repeated.refused_after >= other.event_time
    asof left join against as refusal
        on
            repeated.topic = refusal.topic
            and refusal.speaks_of = 'any'
            and repeated.refused_after >= refusal.event_time
    where
        coalesce(other.event_time < repeated.refused_before, true)
        and coalesce(refusal.event_time < repeated.refused_before, true)
    qualify turn = 1
),

without_settled as materialized (
    select
        event_id,
        event_time,
        likeness,
        epoch,
        signed_with
    from trials
    where
        is_settled
        and contrast like 'refused as %'
        and number in (select asked_without.number from asked_without)
),

-- The nearest before and the nearest after.
unopposed_neighbours as (
    select
        without_settled.event_id as asked_id,
        without_settled.event_time as asked_at,
        unopposed
    from without_settled
    asof inner join unopposed
        on
            without_settled.likeness = unopposed.likeness
            and without_settled.epoch = unopposed.epoch
            and without_settled.signed_with = unopposed.refused_as
            and without_settled.event_time >= unopposed.event_time
    union all
    select
        without_settled.event_id as asked_id,
        without_settled.event_time as asked_at,
        unopposed
    from without_settled
    asof inner join unopposed
        on
            without_settled.likeness = unopposed.likeness
            and without_settled.epoch = unopposed.epoch
            and without_settled.signed_with = unopposed.refused_as
            and without_settled.event_time <= unopposed.event_time
),

passed_with_mfa_between_refusals as (
    select
        asked_id as event_id,
        min_by(
            {
                'sentence': 'For: without MFA the same call was refused at '
                || unopposed.place_before || ' and again at ' || unopposed.place_after
                || '; between the two it passed with MFA, at ' || unopposed.place || '.',
                'witness': unopposed.event_id
            },
            (abs(epoch(unopposed.event_time) - epoch(asked_at)), unopposed.event_id)
        ) as told
    from unopposed_neighbours
    where
        asked_at
        between unopposed.event_time - interval 1 hour
        and unopposed.event_time + interval 1 hour
    group by asked_id
),

weighed as (
    select
        neighbours.asked,
        neighbours.kind,
        min_by(
            {
                'found': neighbours.found,
                'is_alike': found.circumstances = asked.circumstances,
                'is_unchanged': found.epoch = asked.epoch
                and found.is_settled
                and asked.is_settled
            },
            (
                found.circumstances <> asked.circumstances,
                not(found.epoch = asked.epoch and found.is_settled and asked.is_settled),
                abs(epoch(found.event_time) - epoch(asked.event_time)),
                found.event_id
            )
        ) as best
    from neighbours
    inner join tried as asked on neighbours.asked = asked.number
    inner join tried as found on neighbours.found = found.number
    group by neighbours.asked, neighbours.kind
),

nearest as materialized (
    select
        {
            'event_id': asked.event_id,
            'event_time': asked.event_time,
            'principal': topics.principal,
            'circumstances': asked.circumstances,
            'change': asked.change,
            'is_settled': asked.is_settled,
            'epoch': asked.epoch,
            'contrast': kinds.contrast
        } as asked,
        {
            'event_id': found.event_id,
            'circumstances': found.circumstances,
            'change': found.change,
            'epoch': found.epoch,
            'place': found.place
        } as found,
        weighed.best.is_alike,
        weighed.best.is_unchanged,
        found.event_time - asked.event_time as later_by
    from weighed
    inner join kinds on weighed.kind = kinds.kind
    inner join topics on kinds.topic = topics.topic
    inner join tried as asked on weighed.asked = asked.number
    inner join tried as found on weighed.best.found = found.number
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
                    || coalesce(' (event ' || found.change.event_id || ').', '.')
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
