-- identified: one row for each event with every stored column, and with who called and how
--
-- *                the columns of events
-- region           region in which the call was made
-- principal_arn    ARN of who called; null where the record gives none
-- principal_name   user, role, service, or the person behind a federated session
-- role_arn         ARN of a session's role, path included; null otherwise
-- session_name     name of a role session; null otherwise
-- access_key_id    key that signed the call; null where the record gives none
-- credential_kind  long_term_key, root_key, session_token, console, assumed_role, federated, workload_role, forwarded, aws_service, cross_account, anonymous or unknown
-- federated        whether an identity provider vouches for the caller, forwarded or not
-- workload         whether the caller is a machine's role, forwarded or not
-- mfa_present      aws:MultiFactorAuthPresent in the request: true, false or absent; null where it cannot be known
-- session_started  when the session's credentials were issued, UTC; null without a session
-- issued_by        operation that issued the credentials; null where that call is not in the lake
-- issued_in        event id of that call
-- opener_arn       ARN of who asked for the session; null where that call is not in the lake
-- opener_type      kind of identity that asked for the session; null where that call is not in the lake
-- session_policy   whether a policy was passed with the request for the session; null where that call is not in the lake
-- session_tags     tags that the session was given, JSON text; null where that is not known
-- invoked_by       AWS service that made the call; null where the caller made it
--
-- What the kinds are told by: AWS's pages on the userIdentity element
-- (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html)
-- and on the condition keys (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html).
with console_keys as (
    select distinct user_identity.access_key_id as access_key_id
    from events
    where
        session_credential_from_console = 'true'
        and regexp_full_match(user_identity.access_key_id, 'A[A-Z0-9]{15,}')
),

identities as (
    select
        events.*,
        user_identity.type as type,
        nullif(user_identity.arn, '') as arn,
        nullif(user_identity.access_key_id, '') as key_id,
        nullif(user_identity.invoked_by, '') as service,
        user_identity.session_context.session_issuer as issuer,
        user_identity.session_context.attributes as session,
        issued.issued_by,
        issued.issued_in,
        issued.opener_arn,
        issued.opener_type,
        issued.session_policy,
        issued.session_tags,
        console_keys.access_key_id is not null as is_console_key
    from events
    left join console_keys
        on events.user_identity.access_key_id = console_keys.access_key_id
    left join issued on events.user_identity.access_key_id = issued.access_key_id
),

facts as (
    select
        *,
        -- Older consoles do not mark their sessions: there the program tells.
        coalesce(
            session_credential_from_console = 'true'
            or is_console_key
            or event_type in ('AwsConsoleAction', 'AwsConsoleSignIn')
            or regexp_matches(
                user_agent,
                '^\[?Mozilla/|^\[?S3Console/|^console\.|^signin\.|(?i)aws[- ]internal'
            ),
            false
        ) as from_console,
        -- A console signs in with the user's own credentials, from the user's address.
        coalesce(
            service <> 'signin.amazonaws.com'
            and (
                source_ip_address is null
                or not regexp_full_match(source_ip_address, '[0-9a-fA-F.:]+')
            ),
            false
        ) as from_service,
        coalesce(
            type = 'AWSService'
            or (
                service is not null
                and type is null
                and arn is null
                and key_id is null
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
                and coalesce(
                    type,
                    arn,
                    key_id,
                    service,
                    user_identity.account_id,
                    user_identity.user_name,
                    nullif(user_identity.principal_id, '')
                ) is null
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
            or user_identity.on_behalf_of.user_id is not null
            or regexp_matches(arn, ':assumed-role/AWSReservedSSO_'),
            false
        ) as federated,
        coalesce(
            type in ('AssumedRole', 'Role')
            and (
                user_identity.session_context.ec2_role_delivery is not null
                or user_identity.in_scope_of.issuer_type is not null
                or opener_type = 'AWSService'
                or (
                    -- Names and programs can be chosen by whoever opens a session: they tell
                    -- only where the lake does not know who did.
                    opener_type is null
                    and (
                        regexp_matches(arn, ':assumed-role/[^/]+/m?i-[0-9a-f]{8,17}$')
                        or regexp_matches(user_agent, 'exec-env/AWS_(Lambda|ECS)')
                    )
                )
            ),
            false
        ) as workload,
        -- A session's attributes win over the key's prefix: the S3 console signs with AKIA.
        session.mfa_authenticated is not null
        or key_id like 'ASIA%' as is_session
    from identities
),

kinds as (
    select
        *,
        case
            when is_service then 'aws_service'
            when is_anonymous then 'anonymous'
            when type = 'AWSAccount' then 'cross_account'
            when workload and opener_type = 'AWSService' then 'workload_role'
            when
                from_service
                and type in ('IAMUser', 'Root', 'AssumedRole', 'FederatedUser', 'Role')
                then 'forwarded'
            when federated then 'federated'
            when type in ('AssumedRole', 'Role')
                then if(workload, 'workload_role', 'assumed_role')
            when type not in ('IAMUser', 'Root') or type is null then 'unknown'
            -- A member account's root, opened by the organization (sts:AssumeRoot).
            when
                user_identity.session_context.assumed_root = 'true'
                or issued_by = 'AssumeRoot'
                then 'assumed_role'
            when issued_by = 'GetSessionToken' then 'session_token'
            when from_console and (is_session or key_id is null) then 'console'
            when is_session then 'session_token'
            when key_id like 'AKIA%'
                then if(type = 'Root', 'root_key', 'long_term_key')
            else 'unknown'
        end as credential_kind
    from facts
)

select
    kinds.* exclude (
        type,
        arn,
        key_id,
        service,
        issuer,
        session,
        issued_by,
        issued_in,
        opener_arn,
        opener_type,
        session_policy,
        session_tags,
        is_console_key,
        from_console,
        from_service,
        is_service,
        is_anonymous,
        federated,
        workload,
        is_session,
        credential_kind
    ),
    aws_region as region,
    arn as principal_arn,
    case
        when type = 'AWSService' then service
        when type = 'Root' then 'root'
        when federated and arn is not null then regexp_extract(arn, '[^/]+$')
        when type = 'AssumedRole'
            then coalesce(issuer.user_name, nullif(split_part(arn, '/', 2), ''))
        else coalesce(
            nullif(user_identity.user_name, ''),
            regexp_extract(arn, '[^/:]+$'),
            service,
            -- An account's id is a name only where the record knows no other kind of caller.
            if(
                type in ('IAMUser', 'AssumedRole', 'Role'),
                null,
                nullif(user_identity.account_id, '')
            )
        )
    end as principal_name,
    if(issuer.type = 'Role', nullif(issuer.arn, ''), null) as role_arn,
    case
        when type = 'AssumedRole'
            then nullif(regexp_extract(arn, ':assumed-role/[^/]+/(.+)$', 1), '')
    end as session_name,
    key_id as access_key_id,
    credential_kind,
    federated,
    workload,
    case
        when
            credential_kind in (
                'long_term_key', 'root_key', 'federated', 'anonymous'
            )
            then 'absent'
        -- What CloudTrail says there is about the identity provider's sign-in, and not known.
        when credential_kind = 'forwarded' and federated then null
        when session.mfa_authenticated in ('true', 'false')
            then session.mfa_authenticated
        when credential_kind = 'aws_service' then 'absent'
        -- A service that re-uses a long-term key's credentials carries the key, as false.
        when credential_kind = 'forwarded' and key_id like 'AKIA%' then 'false'
    end as mfa_present,
    case
        when
            regexp_full_match(
                session.creation_date,
                '[12]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z'
            )
            then try_cast(session.creation_date as timestamptz)
    end as session_started,
    issued_by,
    issued_in,
    opener_arn,
    opener_type,
    session_policy,
    session_tags,
    service as invoked_by
from kinds
