-- notable: one row for each event that may tell of credentials, devices or permissions
--
-- event_id               CloudTrail's eventID
-- event_time             when the call arrived, UTC
-- account_id             account whose trail holds the event
-- event_source           service that was called
-- event_name             operation that was called
-- user_identity          who made the call, as recorded
-- error_code             null: what failed tells nothing
-- error_message          what the error says, where no code stands beside it
-- request_parameters     what was asked for, JSON text
-- response_elements      what the service answered, JSON text
-- additional_event_data  what the service adds, JSON text
-- shared_event_id        joins the records that two accounts hold of one call
--
-- What builds on it looks at a small part of all events: they are read once for all.
select
    event_id,
    event_time,
    account_id,
    event_source,
    event_name,
    user_identity,
    error_code,
    error_message,
    request_parameters,
    response_elements,
    additional_event_data,
    shared_event_id
from events
where
    error_code is null
    and (
        event_source = 'sts.amazonaws.com'
        or event_name in ('AssumeRole', 'ConsoleLogin', 'GetSessionToken')
        or (
            regexp_matches(
                event_name,
                '^(Add|Attach|Change|Create|Deactivate|Delete|Detach|Disable|Enable|Modify|Put'
                || '|Remove|Retire|Revoke|Set|Tag|Untag|Update)'
            )
            and (
                event_source = 'iam.amazonaws.com'
                or regexp_matches(
                    event_name,
                    'Policy|Policies|Permission|Grant|Acl|Tag|PublicAccessBlock|VpcEndpoint'
                    || '|MFADevice|^Set.*Attributes$'
                )
            )
        )
    )
