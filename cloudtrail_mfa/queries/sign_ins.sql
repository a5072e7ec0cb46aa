-- sign_ins: one row for each attempt to sign in to the console
--
-- event_id         CloudTrail's eventID
-- event_time       when, UTC
-- account_id       account whose trail holds the event
-- date             day of the event, UTC
-- region           region in which the event was recorded
-- principal_type   user, root, role, assumed-role (a federated person's session), federated-user; null where the record does not tell
-- principal_name   user, role, root, or the person behind a federated session
-- principal_arn    ARN of who signed in, of a role its own; null where the record gives none
-- event_source     signin.amazonaws.com
-- event_name       ConsoleLogin
-- passed           whether the sign-in succeeded; null where the record does not tell
-- federated        whether other credentials than a user's or root's password were shown: a provider's, or a session's
-- mfa_used         whether MFA was used; null of a federated sign-in whose session has none, and where the record does not tell
-- mfa_recorded     what CloudTrail says in MFAUsed: Yes or No; of a federated sign-in "No" tells nothing
-- mfa_device       device that was used: its ARN, or a serial number; null otherwise
-- source_ip        address of the caller
-- user_agent       what the browser says of itself
--
-- What the events hold:
-- https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
-- That CloudTrail tells the MFA of IAM users and root only, mfaAuthenticated in
-- https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
with attempts as (
    select
        *,
        user_identity.type as identity_type,
        user_identity.session_context.attributes.mfa_authenticated as session_mfa,
        try(response_elements ->> '$.ConsoleLogin') as answer,
        try(additional_event_data ->> '$.MFAUsed') as mfa_recorded,
        try(additional_event_data ->> '$.MFAIdentifier') as mfa_device,
        principal_arn like 'arn:%:sts::%:assumed-role/%'
        and not (
            federated and (
                principal_arn like '%:assumed-role/AWSReservedSSO\_%' escape '\'
                or coalesce(issued_by = 'AssumeRoleWithSAML', false)
                or try(additional_event_data ->> '$.SamlProviderArn') is not null
            )
        ) as is_role
    from identified
    where event_source = 'signin.amazonaws.com' and event_name = 'ConsoleLogin'
)

select
    event_id,
    event_time,
    account_id,
    date,
    region,
    case
        when identity_type = 'IAMUser' then 'user'
        when identity_type = 'Root' then 'root'
        when is_role then 'role'
        when identity_type in ('AssumedRole', 'SAMLUser', 'WebIdentityUser') then 'assumed-role'
        when identity_type = 'FederatedUser' then 'federated-user'
    end as principal_type,
    if(
        is_role,
        coalesce(regexp_extract(role_arn, '[^/]+$'), split_part(principal_arn, '/', 2)),
        principal_name
    ) as principal_name,
    if(
        is_role,
        coalesce(role_arn, regexp_extract(principal_arn, '^.*:assumed-role/[^/]+')),
        principal_arn
    ) as principal_arn,
    event_source,
    event_name,
    case lower(answer)
        when 'success' then true
        when 'failure' then false
    end as passed,
    coalesce(identity_type not in ('IAMUser', 'Root'), false) as federated,
    case
        when identity_type in ('IAMUser', 'Root')
            then
                case lower(mfa_recorded)
                    when 'yes' then true
                    when 'no' then false
                end
        when session_mfa = 'true' then true
    end as mfa_used,
    mfa_recorded,
    mfa_device,
    source_ip_address as source_ip,
    user_agent
from attempts
