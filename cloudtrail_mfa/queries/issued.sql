-- issued: one row for each temporary access key whose issue is in the lake
--
-- access_key_id      temporary key (ASIA…) that was handed out
-- issued_by          operation: GetSessionToken, AssumeRole, AssumeRoleWithSAML, …
-- issued_in          event id of that call
-- issued_at          when, UTC
-- opener_type        kind of identity that asked: IAMUser, AssumedRole, AWSService, …
-- opener_arn         ARN of who asked; null for AWS services
-- opener_service     AWS service that asked for itself; null otherwise
-- mfa_serial_number  MFA device named in the request; null where none was
-- session_policy     whether a policy that limits the session was passed with the request; null where that is not recorded
-- session_tags       tags that the session was given, JSON text; null where that is not known
with answers as (
    select
        event_id,
        event_time,
        event_name,
        user_identity,
        try(
            response_elements ->> '$.credentials.accessKeyId'
        ) as access_key_id,
        try(request_parameters ->> '$.serialNumber') as mfa_serial_number,
        case
            when starts_with(request_parameters, '{')
                then
                    try(request_parameters ->> '$.policy') is not null
                    or try(request_parameters ->> '$.policyArns') is not null
                    -- AssumeRoot's
                    or try(request_parameters ->> '$.taskPolicyArn') is not null
        end as session_policy,
        case
            -- A session that another session opens may inherit tags from it.
            when user_identity.type = 'IAMUser' and starts_with(request_parameters, '{')
                then coalesce(try(request_parameters ->> '$.tags'), '[]')
            else try(request_parameters ->> '$.principalTags')
        end as session_tags
    from events
    where
        event_source = 'sts.amazonaws.com'
        and error_code is null
        and event_name in (
            'GetSessionToken',
            'AssumeRole',
            'AssumeRoleWithSAML',
            'AssumeRoleWithWebIdentity',
            'AssumeRoot',
            'GetFederationToken'
        )
),

-- A call across accounts is recorded in both, so two events may name one key.
first_answers as (
    select
        access_key_id,
        arg_min(
            {
                'issued_by': event_name,
                'issued_in': event_id,
                'issued_at': event_time,
                'opener_type': user_identity.type,
                'opener_arn': user_identity.arn,
                'opener_service': case
                    when user_identity.type = 'AWSService'
                        then user_identity.invoked_by
                end,
                'mfa_serial_number': mfa_serial_number,
                'session_policy': session_policy,
                'session_tags': session_tags
            },
            (event_time, event_id)
        ) as answer
    from answers
    where regexp_full_match(access_key_id, 'A[A-Z0-9]{15,}')
    group by access_key_id
)

select
    access_key_id,
    answer.issued_by,
    answer.issued_in,
    answer.issued_at,
    answer.opener_type,
    answer.opener_arn,
    answer.opener_service,
    answer.mfa_serial_number,
    answer.session_policy,
    answer.session_tags
from first_answers
