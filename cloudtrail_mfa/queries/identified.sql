-- identified: one row for each event with every stored column, and with who called and how
--
-- *                the columns of operations
-- principal_name   user, role, service, or the person behind a federated session
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
-- The fields of userIdentity are taken out before anything is joined: a row that was joined would be
-- put together anew for each of them.
with identities as (
    select
        *,
        user_identity.type as type,
        principal_arn as arn,
        nullif(user_identity.access_key_id, '') as key_id,
        nullif(user_identity.invoked_by, '') as service,
        user_identity.account_id as caller_account,
        user_identity.user_name as user_name,
        user_identity.session_context.session_issuer.arn as issuer_arn,
        user_identity.session_context.session_issuer.user_name as issuer_name,
        user_identity.session_context.attributes.mfa_authenticated as mfa_authenticated,
        user_identity.session_context.attributes.creation_date as creation_date,
        user_identity.session_context.assumed_root = 'true' as is_assumed_root,
        coalesce(
            user_identity.session_context.web_id_federation_data.federated_provider <> ''
            or user_identity.on_behalf_of.user_id is not null,
            false
        ) as is_vouched_for,
        user_identity.session_context.ec2_role_delivery is not null
        or user_identity.in_scope_of.issuer_type is not null as is_machine,
        user_identity is null as has_no_identity
    from operations
),

joined as (
    select
        identities.*,
        issued.issued_by,
        issued.issued_in,
        issued.opener_arn,
        issued.opener_type,
        issued.session_policy,
        issued.session_tags,
        console_keys.access_key_id is not null as is_console_key
    from identities
    left join console_keys on identities.key_id = console_keys.access_key_id
    left join issued on identities.key_id = issued.access_key_id
),

facts as (
    select
        *,
        -- Older consoles do not mark their sessions: there the program tells.
        case
            when type in ('IAMUser', 'Root')
                then
                    coalesce(
                        session_credential_from_console = 'true'
                        or is_console_key
                        or event_type in ('AwsConsoleAction', 'AwsConsoleSignIn')
                        or if(
                            mfa_authenticated is not null
                            or key_id like 'ASIA%'
                            or key_id is null,
                            regexp_matches(
                                user_agent,
                                '^\[?Mozilla/|^\[?S3Console/|^console\.|^signin\.'
                                || '|(?i)aws[- ]internal'
                            ),
                            false
                        ),
                        false
                    )
        end as from_console,
        -- A console signs in with the user's own credentials, from the user's address.
        case
            when service <> 'signin.amazonaws.com'
                then
                    source_ip_address is null
                    or not regexp_full_match(source_ip_address, '[0-9a-fA-F.:]+')
            else false
        end as from_service,
        coalesce(
            type = 'AWSService'
            or (
                service is not null
                and type is null
                and arn is null
                and key_id is null
            )
            -- A service-linked role can be assumed by its service alone.
            or contains(coalesce(issuer_arn, arn), ':role/aws-service-role/')
            or contains(coalesce(issuer_arn, arn), ':assumed-role/AWSServiceRoleFor'),
            false
        ) as is_service,
        coalesce(
            caller_account in ('ANONYMOUS_PRINCIPAL', 'anonymous')
            or lower(principal_id) = 'anonymous'
            or (
                not has_no_identity
                and coalesce(
                    type, arn, key_id, service, caller_account, user_name, principal_id
                ) is null
            ),
            false
        ) as is_anonymous,
        coalesce(
            type in (
                'FederatedUser', 'SAMLUser', 'WebIdentityUser', 'IdentityCenterUser'
            )
            or issued_by in ('AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity')
            or is_vouched_for
            or contains(arn, ':assumed-role/AWSReservedSSO_'),
            false
        ) as federated,
        case
            when type is null or type not in ('AssumedRole', 'Role') then false
            when
                is_machine or opener_type = 'AWSService'
                then true
            -- Names and programs can be chosen by whoever opens a session: they tell only where the
            -- lake does not know who did.
            when opener_type is null
                then
                    coalesce(
                        regexp_matches(arn, ':assumed-role/[^/]+/m?i-[0-9a-f]{8,17}$')
                        or regexp_matches(user_agent, 'exec-env/AWS_(Lambda|ECS)'),
                        false
                    )
            else false
        end as workload,
        -- A session's attributes win over the key's prefix: the S3 console signs with AKIA.
        mfa_authenticated is not null or key_id like 'ASIA%' as is_session
    from joined
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
                is_assumed_root or issued_by = 'AssumeRoot'
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
        caller_account,
        user_name,
        issuer_arn,
        issuer_name,
        mfa_authenticated,
        creation_date,
        is_assumed_root,
        is_vouched_for,
        is_machine,
        has_no_identity,
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
    case
        when type = 'AWSService' then service
        when type = 'Root' then 'root'
        when federated and arn is not null then regexp_extract(arn, '[^/]+$')
        when type = 'AssumedRole'
            then coalesce(issuer_name, nullif(split_part(arn, '/', 2), ''))
        else coalesce(
            nullif(user_name, ''),
            regexp_extract(arn, '[^/:]+$'),
            service,
            -- An account's id is a name only where the record knows no other kind of caller.
            if(
                type in ('IAMUser', 'AssumedRole', 'Role'),
                null,
                nullif(caller_account, '')
            )
        )
    end as principal_name,
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
        when mfa_authenticated in ('true', 'false') then mfa_authenticated
        when credential_kind = 'aws_service' then 'absent'
        -- A service that re-uses a long-term key's credentials carries the key, as false.
        when credential_kind = 'forwarded' and key_id like 'AKIA%' then 'false'
    end as mfa_present,
    case
        when
            regexp_full_match(
                creation_date,
                '[12]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z'
            )
            then try_cast(creation_date as timestamptz)
    end as session_started,
    issued_by,
    issued_in,
    opener_arn,
    opener_type,
    session_policy,
    session_tags,
    service as invoked_by
from kinds
