-- devices: one row for each IAM user whose MFA device the trail shows, with the one seen last
--
-- principal_arn  the user
-- serial_number  the device: its ARN, or a serial number
-- seen_at        when it was last used or enabled, UTC
-- seen_in        event id of that call
--
-- A device that was deactivated after it was last seen is none. What the calls carry:
-- https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html,
-- https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableMFADevice.html and
-- https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html.
with calls_of_users as (
    select
        event_id,
        event_time,
        event_name,
        user_identity.arn as principal_arn,
        coalesce(
            try(request_parameters ->> '$.serialNumber'),
            try(additional_event_data ->> '$.MFAIdentifier')
        ) as serial_number,
        try(request_parameters ->> '$.userName') as user_name
    from notable
    where
        error_code is null
        and error_message is null
        and user_identity.arn like 'arn:%:iam::%:user/%'
        and event_name in (
            'GetSessionToken',
            'AssumeRole',
            'ConsoleLogin',
            'EnableMFADevice',
            'DeactivateMFADevice'
        )
),

seen as (
    select
        event_id,
        event_time,
        serial_number,
        event_name = 'DeactivateMFADevice' as is_gone,
        -- Whoever enables a device may do it for another user.
        if(
            event_name in ('EnableMFADevice', 'DeactivateMFADevice')
            and user_name is distinct from regexp_extract(principal_arn, '[^/]+$'),
            null,
            principal_arn
        ) as principal_arn
    from calls_of_users
    where regexp_full_match(serial_number, '[A-Za-z0-9+=,.@_:/-]{9,256}')
),

last_seen as (
    select
        principal_arn,
        serial_number,
        arg_max(
            {
                'seen_at': event_time,
                'seen_in': event_id,
                'is_gone': is_gone
            },
            (event_time, event_id)
        ) as seen
    from seen
    where principal_arn is not null
    group by principal_arn, serial_number
)

select
    principal_arn,
    arg_max(serial_number, (seen.seen_at, seen.seen_in)) as serial_number,
    max(seen.seen_at) as seen_at,
    arg_max(seen.seen_in, (seen.seen_at, seen.seen_in)) as seen_in
from last_seen
where not seen.is_gone
group by principal_arn
