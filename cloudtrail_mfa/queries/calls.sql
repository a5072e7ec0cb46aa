-- calls: one row for each event, with who called and with what kind of credential
--
-- event_id            CloudTrail's eventID
-- event_time          when the call arrived, UTC
-- account_id          account whose trail holds the event
-- date                day of the event, UTC
-- region              region in which the call was made
-- principal_arn       ARN of who called; null where the record gives none
-- principal_name      user, role, service, or the person behind a federated session
-- session_name        name of a role session; null otherwise
-- access_key_id       key that signed the call; null where the record gives none
-- credential_kind     long_term_key, root_key, session_token, console, assumed_role, federated, workload_role, forwarded, aws_service, cross_account, anonymous or unknown
-- mfa_present         aws:MultiFactorAuthPresent in the request: true, false or absent; null where it cannot be known
-- session_started     when the session's credentials were issued, UTC; null without a session
-- issued_by           operation that issued the credentials; null where that call is not in the lake
-- issued_in           event id of that call
-- invoked_by          AWS service that made the call; null where the caller made it
-- event_source        service that was called
-- event_name          operation that was called
-- source_ip           address of the caller, or the name of a service
-- user_agent          what the caller's program says of itself
-- error_code          service error; null where the call passed
-- error_message       what the error says
-- request_parameters  what was asked for, JSON text
-- resources           resources that were touched, JSON text
--
-- What the kinds are told by: AWS's pages on the userIdentity element
-- (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html)
-- and on the condition keys (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html).
with console_keys as (
    select distinct user_identity.access_key_id as access_key_id
    from events
    where
        session_credential_from_console = 'true'
        and user_identity.access_key_id <> ''
),

identities as (
    select
        events.*,
        user_identity.type as type,
        nullif(user_identity.arn, '') as arn,
        nullif(user_identity.access_key_id, '') as access_key_id,
        nullif(user_identity.invoked_by, '') as invoked_by,
        user_identity.session_context.session_issuer as issuer,
        user_identity.session_context.attributes as session,
        -- Older consoles do not mark their sessions: there the program tells.
        coalesce(
            session_credential_from_console = 'true'
            or console_keys.access_key_id is not null
            or event_type in ('AwsConsoleAction', 'AwsConsoleSignIn')
            or regexp_matches(
                user_agent, '(?i)console|^\[?mozilla/|aws[- ]internal|signin\.aws'
            ),
            false
        ) as from_console,
        issued.issued_by,
        issued.issued_in,
        issued.opener_service
    from events
    left join console_keys
        on events.user_identity.access_key_id = console_keys.access_key_id
    left join issued on events.user_identity.access_key_id = issued.access_key_id
),

facts as (
    select
        *,
        coalesce(
            type = 'AWSService'
            or (
                invoked_by is not null
                and type is null
                and arn is null
                and access_key_id is null
            )
            -- A service-linked role can be assumed by its service alone.
            or regexp_matches(
                coalesce(issuer.arn, arn),
                ':role/aws-service-role/|:assumed-role/AWSServiceRoleFor'
            ),
            false
        ) as is_service,
        coalesce(
            user_identity.account_id in ('ANONYMOUS_PRINCIPAL', 'anonymous')
            or lower(user_identity.principal_id) = 'anonymous'
            or (
                user_identity is not null
                and type is null
                and arn is null
                and access_key_id is null
                and invoked_by is null
                and user_identity.account_id is null
            ),
            false
        ) as is_anonymous,
        coalesce(
            type in (
                'FederatedUser', 'SAMLUser', 'WebIdentityUser', 'IdentityCenterUser'
            )
            or issued_by in ('AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity')
            or user_identity.session_context.web_id_federation_data.federated_provider
            <> ''
            or user_identity.on_behalf_of is not null
            or regexp_matches(arn, ':assumed-role/AWSReservedSSO_'),
            false
        ) as is_federated,
        coalesce(
            user_identity.session_context.ec2_role_delivery is not null
            or user_identity.in_scope_of.issuer_type is not null
            or opener_service is not null
            or regexp_matches(arn, ':assumed-role/[^/]+/i-[0-9a-f]{8,17}$')
            or regexp_matches(user_agent, 'exec-env/AWS_(Lambda|ECS)'),
            false
        ) as is_workload,
        -- A session's attributes win over the key's prefix: the S3 console signs with AKIA.
        session.mfa_authenticated is not null
        or access_key_id like 'ASIA%' as is_session
    from identities
),

kinds as (
    select
        *,
        case
            when is_service then 'aws_service'
            when is_anonymous then 'anonymous'
            when type = 'AWSAccount' then 'cross_account'
            when type = 'AssumedRole' and is_workload and opener_service is not null
                then 'workload_role'
            when
                invoked_by is not null
                and type in ('IAMUser', 'Root', 'AssumedRole', 'FederatedUser', 'Role')
                then 'forwarded'
            when is_federated then 'federated'
            when type in ('AssumedRole', 'Role')
                then if(is_workload, 'workload_role', 'assumed_role')
            when type not in ('IAMUser', 'Root') or type is null then 'unknown'
            when from_console and (is_session or access_key_id is null)
                then 'console'
            when is_session then 'session_token'
            when access_key_id like 'AKIA%'
                then if(type = 'Root', 'root_key', 'long_term_key')
            else 'unknown'
        end as credential_kind
    from facts
)

select
    event_id,
    event_time,
    account_id,
    date,
    aws_region as region,
    arn as principal_arn,
    case
        when type in ('AWSService') or arn is null
            then coalesce(
                nullif(user_identity.user_name, ''),
                invoked_by,
                nullif(user_identity.account_id, '')
            )
        when type = 'Root' then 'root'
        when credential_kind = 'federated' then regexp_extract(arn, '[^/]+$')
        when type = 'AssumedRole'
            then coalesce(issuer.user_name, split_part(arn, '/', 2))
        else coalesce(
            nullif(user_identity.user_name, ''), regexp_extract(arn, '[^/:]+$')
        )
    end as principal_name,
    case
        when type = 'AssumedRole'
            then nullif(regexp_extract(arn, ':assumed-role/[^/]+/(.+)$', 1), '')
    end as session_name,
    access_key_id,
    credential_kind,
    case
        when
            credential_kind in (
                'long_term_key', 'root_key', 'federated', 'anonymous'
            )
            then 'absent'
        when session.mfa_authenticated in ('true', 'false')
            then session.mfa_authenticated
        when credential_kind = 'aws_service' then 'absent'
    end as mfa_present,
    try_cast(session.creation_date as timestamptz) as session_started,
    issued_by,
    issued_in,
    invoked_by,
    event_source,
    event_name,
    source_ip_address as source_ip,
    user_agent,
    error_code,
    error_message,
    request_parameters,
    resources
from kinds
