-- device_changes: one row for each MFA device that was enrolled for a user or root, or removed
--
-- event_id        CloudTrail's eventID
-- event_time      when, UTC
-- account_id      account whose trail holds the event
-- date            day of the event, UTC
-- region          region in which the call was made
-- principal_type  user or root: whose device it is
-- principal_name  name of the user, or root
-- principal_arn   ARN of the user or root; null where another than they made the call
-- event_source    iam.amazonaws.com
-- event_name      EnableMFADevice or DeactivateMFADevice
-- change          enrolled or removed
-- serial_number   the device: its ARN, or a serial number
-- actor_arn       ARN of who made the call
-- actor_name      name of who made the call
--
-- Only changes that passed. A virtual device that is created or deleted is nobody's yet, or no
-- more: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_virtual.html
with changes as (
    select
        *,
        nullif(try(request_parameters ->> '$.userName'), '') as user_name,
        try(request_parameters ->> '$.serialNumber') as serial_number,
        user_identity.type as actor_type
    from identified
    where
        event_source = 'iam.amazonaws.com'
        and event_name in ('EnableMFADevice', 'DeactivateMFADevice')
        and error_code is null
        and error_message is null
),

owned as (
    select
        *,
        coalesce(
            serial_number like '%:mfa/root-account-mfa-device'
            or (user_name is null and actor_type = 'Root'),
            false
        ) as is_root,
        -- Who names no user means themselves.
        coalesce(user_name, if(actor_type = 'IAMUser', principal_name, null)) as owner_name
    from changes
)

select
    event_id,
    event_time,
    account_id,
    date,
    region,
    if(is_root, 'root', 'user') as principal_type,
    if(is_root, 'root', owner_name) as principal_name,
    case
        when is_root and actor_type = 'Root' then principal_arn
        when not is_root and actor_type = 'IAMUser' and owner_name = principal_name
            then principal_arn
    end as principal_arn,
    event_source,
    event_name,
    if(event_name = 'EnableMFADevice', 'enrolled', 'removed') as change,
    serial_number,
    principal_arn as actor_arn,
    principal_name as actor_name
from owned
