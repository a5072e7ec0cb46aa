-- in_week: one row for each event of a principal and a week that are refused_weeks
--
-- *  the columns of named
select *
from named
where
    (account_id, coalesce(role_arn, principal_arn), date_trunc('week', event_time)) in (
        select (refused_weeks.account_id, refused_weeks.principal, refused_weeks.week)
        from refused_weeks
    )
