-- permission_changes: one row for each change of who may do what
--
-- event_id      CloudTrail's eventID
-- event_time    when the change was made, UTC
-- event_name    operation
-- event_source  service that was called
-- account_id    account whose trail holds the event
-- whom          name of the user or role whom it concerns; null where it names none
--
-- Policies, groups, boundaries and, as policies may ask for them, tags; grants, access control lists and
-- the attributes in which some services keep a policy. Others, as of keys and devices, are none.
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
from notable
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
