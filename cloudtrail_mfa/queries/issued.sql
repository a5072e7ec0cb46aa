-- issued: one row for each temporary access key whose issue is in the lake
--
-- access_key_id         temporary key (ASIA…) that was handed out
-- issued_by             operation: GetSessionToken, AssumeRole, AssumeRoleWithSAML, …
-- issued_in             event id of that call
-- issued_at             when, UTC
-- expires_at            when the key ends, UTC; null where the answer does not tell
-- issued_to             ARN of whose session it is; null where the answer does not tell
-- opener_type           kind of identity that asked: IAMUser, AssumedRole, AWSService, …
-- opener_arn            ARN of who asked; null for AWS services and identity providers' users
-- opener_name           name of who asked: user, role session or service; null where the record gives none
-- opener_access_key_id  key that signed the request; null where none did
-- opener_service        AWS service that asked for itself; null otherwise
-- opener_mfa            what CloudTrail recorded of MFA in the session that asked: true or false; null where it was none
-- mfa_serial_number     MFA device named in the request; null where none was
-- session_policy        whether a policy that limits the session was passed with the request; null where that is not recorded
-- session_tags          tags that the session was given, JSON text; null where that is not known
--
-- A call across accounts is recorded in both; in that of the role, who called is an account. The two
-- records share an id (sharedEventID):
-- https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html.
with requests_to_sts as (
    select
        event_id,
        event_time,
        event_name,
        shared_event_id,
        user_identity,
        try(
            response_elements ->> '$.credentials.accessKeyId'
        ) as access_key_id,
        -- Jun 1, 2026, 9:00:00 PM: older records have no second comma, others a narrow space before PM.
        try_strptime(
            regexp_replace(
                try(response_elements ->> '$.credentials.expiration'),
                '[^A-Za-z0-9:]+',
                ' ',
                'g'
            ),
            '%b %-d %Y %-I:%M:%S %p'
        ) as expires_at,
        coalesce(
            try(response_elements ->> '$.assumedRoleUser.arn'),
            try(response_elements ->> '$.federatedUser.arn'),
            if(event_name = 'GetSessionToken', user_identity.arn, null)
        ) as issued_to,
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
    from notable
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

callers as (
    select
        shared_event_id,
        arg_min(user_identity, (event_time, event_id)) as caller
    from requests_to_sts
    where shared_event_id <> '' and user_identity.arn <> ''
    group by shared_event_id
),

answers as (
    select
        requests_to_sts.*,
        -- Where both records have it, that of who called knows more than that of the role's account.
        if(
            requests_to_sts.user_identity.type = 'AWSAccount'
            and callers.caller is not null,
            callers.caller,
            requests_to_sts.user_identity
        ) as opener
    from requests_to_sts
    left join callers
        on requests_to_sts.shared_event_id = callers.shared_event_id
    where regexp_full_match(requests_to_sts.access_key_id, 'A[A-Z0-9]{15,}')
),

first_answers as (
    select
        access_key_id,
        arg_min(
            {
                'issued_by': event_name,
                'issued_in': event_id,
                'issued_at': event_time,
                'expires_at': expires_at,
                'issued_to': issued_to,
                'opener_type': opener.type,
                'opener_arn': opener.arn,
                'opener_name': coalesce(
                    nullif(opener.user_name, ''),
                    nullif(regexp_extract(opener.arn, '[^/:]+$'), ''),
                    nullif(opener.invoked_by, ''),
                    nullif(opener.account_id, '')
                ),
                'opener_access_key_id': nullif(opener.access_key_id, ''),
                'opener_service': case
                    when opener.type = 'AWSService' then opener.invoked_by
                end,
                'opener_mfa': case
                    when
                        opener.session_context.attributes.mfa_authenticated
                        in ('true', 'false')
                        then opener.session_context.attributes.mfa_authenticated
                end,
                'mfa_serial_number': mfa_serial_number,
                'session_policy': session_policy,
                'session_tags': session_tags
            },
            (coalesce(user_identity.type, '') = 'AWSAccount', event_time, event_id)
        ) as answer
    from answers
    group by access_key_id
)

select
    access_key_id,
    answer.issued_by,
    answer.issued_in,
    answer.issued_at,
    answer.expires_at at time zone 'UTC' as expires_at,
    answer.issued_to,
    answer.opener_type,
    answer.opener_arn,
    answer.opener_name,
    answer.opener_access_key_id,
    answer.opener_service,
    answer.opener_mfa,
    answer.mfa_serial_number,
    answer.session_policy,
    answer.session_tags
from first_answers
