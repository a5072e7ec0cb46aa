-- refused_topics: one row for each principal, operation and resource of refused calls in question
--
-- account_id    account whose trail holds the calls
-- principal     ARN of the role, or else of the caller
-- event_source  service that was called
-- operation     operation that was called, without the date of its API's version
-- resource      what was to be touched, by the record or else by AWS's message; empty where neither tells
select distinct
    account_id,
    coalesce(role_arn, principal_arn) as principal,
    event_source,
    operation,
    subject as resource
from asked
where event_id in (select questions.event_id from questions)
