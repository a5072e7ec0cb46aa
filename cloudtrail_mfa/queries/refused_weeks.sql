-- refused_weeks: one row for each week in which services refused calls of a principal in question, and let it call IAM
--
-- account_id  account whose trail holds the calls
-- principal   ARN of a user or root
-- week        its first day
--
-- Among them are all weeks in which the relation habits finds something.
with of_users as (
    select
        *,
        coalesce(role_arn, principal_arn) as principal,
        error_code is not null or error_message is not null as has_failed
    from named
    where
        (account_id, coalesce(role_arn, principal_arn)) in (
            select (questions.account_id, questions.principal)
            from questions
            where regexp_matches(questions.principal, ':user/|:root$')
        )
)

select
    account_id,
    principal,
    date_trunc('week', event_time) as week
from of_users
group by all
having
    count(*) filter (has_failed) >= 5
    and min(event_source) filter (has_failed) < max(event_source) filter (has_failed)
    and bool_or(
        not has_failed
        and event_source = 'iam.amazonaws.com'
        and 'iam:' || operation in (select self_service.iam_action from self_service)
    )
