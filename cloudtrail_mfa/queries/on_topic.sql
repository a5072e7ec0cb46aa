-- on_topic: one row for each event of a principal and an operation that are refused_topics, whatever the resource
--
-- *  the columns of named
select *
from named
where
    (account_id, coalesce(role_arn, principal_arn), event_source, operation) in (
        select (
            refused_topics.account_id,
            refused_topics.principal,
            refused_topics.event_source,
            refused_topics.operation
        )
        from refused_topics
    )
