-- key_changes: one row for each long-term key that was made, activated, deactivated or deleted
--
-- event_id        CloudTrail's eventID
-- event_time      when, UTC
-- account_id      account whose trail holds the event
-- date            day of the event, UTC
-- region          region in which the call was made
-- access_key_id   the key
-- change          created, activated, deactivated or deleted
-- principal_type  user or root: whose key it is; null where the record does not tell
-- principal_name  name of the user, or root; null where the record does not tell
-- principal_arn   ARN of the user or root; null where another than they made the call
-- event_source    iam.amazonaws.com
-- event_name      CreateAccessKey, UpdateAccessKey or DeleteAccessKey
-- actor_arn       ARN of who made the call
-- actor_name      name of who made the call
--
-- Only changes that passed; a second row is a second change. What the calls carry:
-- https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html,
-- https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html and
-- https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html
with changes as (
    select
        *,
        if(
            event_name = 'CreateAccessKey',
            try(response_elements ->> '$.accessKey.accessKeyId'),
            try(request_parameters ->> '$.accessKeyId')
        ) as key_id,
        case event_name
            when 'CreateAccessKey' then 'created'
            when 'DeleteAccessKey' then 'deleted'
            else
                case lower(try(request_parameters ->> '$.status'))
                    when 'active' then 'activated'
                    when 'inactive' then 'deactivated'
                end
        end as change,
        coalesce(
            nullif(try(request_parameters ->> '$.userName'), ''),
            if(
                event_name = 'CreateAccessKey',
                nullif(try(response_elements ->> '$.accessKey.userName'), ''),
                null
            )
        ) as user_name,
        user_identity.type as actor_type
    from identified
    where
        event_source = 'iam.amazonaws.com'
        and event_name in ('CreateAccessKey', 'UpdateAccessKey', 'DeleteAccessKey')
        and error_code is null
        and error_message is null
),

owned as (
    select
        *,
        -- Who names no user means themselves.
        user_name is null and actor_type in ('IAMUser', 'Root') as is_own,
        coalesce(
            user_name, if(actor_type in ('IAMUser', 'Root'), principal_name, null)
        ) as owner_name
    from changes
)

select
    event_id,
    event_time,
    account_id,
    date,
    region,
    key_id as access_key_id,
    change,
    case
        when is_own and actor_type = 'Root' then 'root'
        when owner_name is not null then 'user'
    end as principal_type,
    owner_name as principal_name,
    if(
        is_own or (actor_type = 'IAMUser' and owner_name = principal_name),
        principal_arn,
        null
    ) as principal_arn,
    event_source,
    event_name,
    principal_arn as actor_arn,
    principal_name as actor_name
from owned
where change is not null and regexp_full_match(key_id, 'A[A-Z0-9]{15,127}')
