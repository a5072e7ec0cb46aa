-- habits: one row for each refused call in question that fits into a week in which nothing passed without MFA but what enrols a device
--
-- event_id   refused call
-- rule       name of the rule, that of the CTE below
-- sentence   what was seen, for the reader, with the events that show it
-- witness    event id of the call or change that tells most
with own as materialized (
    select
        if(own_calls.outcome = 'denied', own_calls.event_id, null) as event_id,
        own_calls.account_id,
        own_calls.principal,
        refused_weeks.week,
        own_calls.event_source,
        own_calls.iam_action,
        own_calls.outcome,
        own_calls.with_mfa
    from own_calls
    inner join refused_weeks
        on
            own_calls.account_id = refused_weeks.account_id
            and own_calls.principal = refused_weeks.principal
            and date_trunc('week', own_calls.event_time) = refused_weeks.week
    where own_calls.is_user
),

weeks_by_action as (
    select
        account_id,
        principal,
        week,
        event_source,
        iam_action,
        bool_or(outcome = 'denied' and not with_mfa) as is_refused,
        bool_or(outcome = 'allowed' and not with_mfa) as has_passed,
        bool_or(outcome = 'allowed' and with_mfa is distinct from true) as has_passed_perhaps,
        bool_or(outcome = 'allowed' and with_mfa) as has_passed_with_mfa
    from own
    where iam_action is not null
    group by all
),

weeks as (
    select
        by_action.account_id,
        by_action.principal,
        by_action.week,
        len(list_distinct(list(by_action.iam_action) filter (by_action.is_refused))) as refused,
        len(
            list_distinct(list(by_action.event_source) filter (by_action.is_refused))
        ) as services,
        len(
            list_distinct(
                list(by_action.iam_action) filter (
                    by_action.has_passed and self_service.iam_action like 'iam:%'
                )
            )
        ) as passed_to_enrol,
        count(*) filter (
            by_action.has_passed_perhaps and self_service.iam_action is null
        ) as passed_besides,
        len(
            list_distinct(
                list(by_action.iam_action) filter (
                    by_action.has_passed_with_mfa and self_service.iam_action is null
                )
            )
        ) as passed_with_mfa
    from weeks_by_action as by_action
    left join self_service on by_action.iam_action = self_service.iam_action
    group by by_action.account_id, by_action.principal, by_action.week
),

only_self_service_passes as (
    select
        own.event_id,
        {
            'sentence': 'For: in the week from ' || strftime(weeks.week, '%Y-%m-%d') || ', '
            || weeks.refused || ' actions were refused to this principal without MFA, and nothing'
            || ' passed without it but what a user needs to enrol a device; with MFA '
            || weeks.passed_with_mfa || ' other actions passed.',
            'witness': own.event_id
        } as told
    from own
    inner join questions
        on own.event_id = questions.event_id and own.account_id = questions.account_id
    inner join weeks
        on
            own.account_id = weeks.account_id
            and own.principal = weeks.principal
            and own.week = weeks.week
    where
        own.outcome = 'denied'
        and not coalesce(own.with_mfa, false)
        and weeks.refused >= 5
        and weeks.services >= 2
        and weeks.passed_to_enrol >= 1
        and weeks.passed_besides = 0
        and weeks.passed_with_mfa >= 3
)

select
    event_id,
    'only_self_service_passes' as rule,
    told.sentence,
    told.witness
from only_self_service_passes
