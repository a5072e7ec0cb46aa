-- usage: one row for each principal, kind of credential, state of MFA, outcome and action
--
-- account_id       account whose trail holds the calls
-- caller           person, workload, outsider or service
-- principal_type   user, root, role, assumed-role (a federated person's session), federated-user; else the kind of credential
-- principal_name   user, role, service, or the person behind a federated session
-- principal_arn    ARN of the user or role, of a federated person the session's; null where the records give none
-- credential_kind  kind of credential, as in calls
-- mfa_state        with_mfa, without_mfa, long_term_key, or not_told: federated, forwarded, a machine's, a session whose opening with MFA is not known
-- outcome          allowed, denied (refused for want of permission) or failed (for another reason)
-- iam_action       action that a policy has to allow; null where there is none
-- calls            how many
-- first_time       first of them, UTC
-- last_time        last of them, UTC
-- event_id         first of them
--
-- No calls: sign-ins, what services do by themselves, and requests whose credentials AWS refused,
-- for nobody knows who sent them. A call of STS that names a device, and passed, was made with MFA
-- whatever key signed it:
-- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
with bad_credentials as (
    select error_code
    from error_codes
    where meaning = 'bad_credentials'
),

told as (
    select
        *,
        principal_arn like 'arn:%:sts::%:assumed-role/%' as is_role_session,
        -- The name of a session that a web identity opens is the program's, mostly a new one each
        -- time; Identity Center and SAML name the person.
        federated and (
            principal_arn not like 'arn:%:sts::%:assumed-role/%'
            or principal_arn like '%:assumed-role/AWSReservedSSO\_%' escape '\'
            or coalesce(issued_by = 'AssumeRoleWithSAML', false)
        ) as is_federated_person,
        case
            when credential_kind = 'aws_service' then 'service'
            when workload then 'workload'
            when credential_kind in ('cross_account', 'anonymous', 'unknown')
                then 'outsider'
            else 'person'
        end as caller,
        case
            when
                event_source = 'sts.amazonaws.com'
                and event_name in ('GetSessionToken', 'AssumeRole')
                and outcome = 'allowed'
                and try(request_parameters ->> '$.serialNumber') <> ''
                then 'with_mfa'
            when credential_kind in ('long_term_key', 'root_key') then 'long_term_key'
            when credential_kind not in ('session_token', 'console', 'assumed_role')
                then 'not_told'
            when mfa_present = 'true' then 'with_mfa'
            when mfa_present is null then 'not_told'
            -- Of a role's session "false" tells something only where a user's own credentials
            -- opened it: SAML says so too, and MFA does not outlive a change from role to role.
            when
                credential_kind = 'assumed_role'
                and coalesce(opener_type not in ('IAMUser', 'Root'), true)
                then 'not_told'
            else 'without_mfa'
        end as mfa_state
    from calls
    where
        event_source is distinct from 'signin.amazonaws.com'
        and not (iam_action is null and action_known)
        and not (
            error_code is not null
            and regexp_extract(error_code, '[^.]*$') in (
                select bad_credentials.error_code
                from bad_credentials
            )
        )
),

named as (
    select
        account_id,
        caller,
        if(
            is_role_session and not is_federated_person,
            coalesce(regexp_extract(role_arn, '[^/]+$'), split_part(principal_arn, '/', 2)),
            principal_name
        ) as principal_name,
        if(
            is_role_session and not is_federated_person,
            coalesce(role_arn, regexp_extract(principal_arn, '^.*:assumed-role/[^/]+')),
            principal_arn
        ) as principal_arn,
        is_role_session and not is_federated_person as is_role,
        credential_kind,
        mfa_state,
        outcome,
        iam_action,
        event_time,
        event_id
    from told
)

select
    account_id,
    caller,
    coalesce(
        if(is_role, 'role', null),
        nullif(
            regexp_extract(
                principal_arn,
                '^arn:[^:]*:(?:iam|sts)::[^:]*:(user|role|assumed-role|federated-user|root)',
                1
            ),
            ''
        ),
        -- A record may name a user and no ARN.
        if(
            credential_kind in ('long_term_key', 'session_token', 'console'),
            if(principal_name = 'root', 'root', 'user'),
            credential_kind
        )
    ) as principal_type,
    principal_name,
    principal_arn,
    credential_kind,
    mfa_state,
    outcome,
    iam_action,
    count(*) as calls,
    min(event_time) as first_time,
    max(event_time) as last_time,
    arg_min(event_id, (event_time, event_id)) as event_id
from named
group by all
