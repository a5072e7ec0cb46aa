-- asked: one row for each refused call in question: all of them, where nobody asks for fewer
--
-- event_id           CloudTrail's eventID
-- event_time         when the call arrived, UTC
-- account_id         account whose trail holds the event
-- principal_arn      ARN of who called; null where neither record nor message gives one
-- role_arn           ARN of a session's role, path included; null otherwise
-- credential_kind    kind of credential, as in calls
-- federated          whether an identity provider vouches for the caller, forwarded or not
-- workload           whether the caller is a machine's role, forwarded or not
-- event_source       service that was called
-- operation          operation that was called, without the date of its API's version
-- subject            what like calls have in common, as in calls
select
    event_id,
    event_time,
    account_id,
    principal_arn,
    role_arn,
    credential_kind,
    federated,
    workload,
    event_source,
    operation,
    subject
from denials
