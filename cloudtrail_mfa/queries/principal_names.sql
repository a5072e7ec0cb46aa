-- principal_names: one row for each text by which somebody is called in the lake, to find it in other texts
--
-- name  name of a user, role, session, federated person or MFA device; or a key of no usual form
with identities as (
    select distinct user_identity
    from events
),

called as (
    select
        unnest([
            user_identity.user_name,
            user_identity.on_behalf_of.user_id,
            user_identity.session_context.session_issuer.user_name,
            user_identity.session_context.source_identity,
            regexp_extract(user_identity.arn, '/([^/]+)$', 1),
            regexp_extract(user_identity.arn, ':assumed-role/([^/]+)/', 1),
            regexp_extract(user_identity.arn, ':assumed-role/[^/]+/(.+)$', 1),
            regexp_extract(user_identity.session_context.session_issuer.arn, '/([^/]+)$', 1),
            -- AROA…:session; of SAML the person behind the provider's id.
            regexp_extract(user_identity.principal_id, ':(.+)$', 1),
            if(
                regexp_full_match(user_identity.access_key_id, 'A[A-Z]{3}[A-Z0-9]{12,124}'),
                null,
                user_identity.access_key_id
            )
        ]) as name
    from identities
    where user_identity.type is distinct from 'AWSService'
),

asked as (
    select
        unnest(
            try(
                json_extract_string(
                    request_parameters,
                    [
                        '$.userName',
                        '$.newUserName',
                        '$.roleName',
                        '$.roleSessionName',
                        '$.sourceIdentity',
                        '$.virtualMFADeviceName'
                    ]
                )
            )
            || [
                if(
                    event_name = 'GetFederationToken',
                    try(request_parameters ->> '$.name'),
                    null
                ),
                regexp_extract(try(request_parameters ->> '$.roleArn'), '/([^/]+)$', 1)
            ]
        ) as name
    from events
    where
        contains(request_parameters, 'serName"')
        or contains(request_parameters, 'roleName"')
        or contains(request_parameters, 'roleSessionName"')
        or contains(request_parameters, 'sourceIdentity"')
        or contains(request_parameters, 'roleArn"')
        or contains(request_parameters, 'DeviceName"')
        or event_name = 'GetFederationToken'
),

answered as (
    select
        unnest([
            try(response_elements ->> '$.subject'),
            try(response_elements ->> '$.subjectFromWebIdentityToken'),
            regexp_extract(
                try(response_elements ->> '$.assumedRoleUser.arn'), '/([^/]+)$', 1
            )
        ]) as name
    from events
    where event_source = 'sts.amazonaws.com'
),

devices_shown as (
    select
        unnest([
            try(request_parameters ->> '$.serialNumber'),
            try(additional_event_data ->> '$.MFAIdentifier')
        ]) as serial
    from events
    where
        contains(request_parameters, 'serialNumber"')
        or contains(additional_event_data, 'MFAIdentifier"')
),

found as (
    select name
    from called
    union all
    select name
    from asked
    union all
    select name
    from answered
    union all
    -- Of an ARN, its end.
    select regexp_extract(serial, '[^/]+$') as name
    from devices_shown
)

select distinct name
from found
where name <> ''
