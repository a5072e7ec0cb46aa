-- calls: one row for each event, with who called, with what kind of credential, and what came of it
--
-- event_id            CloudTrail's eventID
-- event_time          when the call arrived, UTC
-- account_id          account whose trail holds the event
-- date                day of the event, UTC
-- region              region in which the call was made
-- principal_arn       ARN of who called; null where the record gives none
-- principal_name      user, role, service, or the person behind a federated session
-- principal_id        unique id of the caller, with a session its name; null where the record gives none
-- role_arn            ARN of a session's role, path included; null otherwise
-- session_name        name of a role session; null otherwise
-- access_key_id       key that signed the call; null where the record gives none
-- credential_kind     long_term_key, root_key, session_token, console, assumed_role, federated, workload_role, forwarded, aws_service, cross_account, anonymous or unknown
-- federated           whether an identity provider vouches for the caller, forwarded or not
-- workload            whether the caller is a machine's role, forwarded or not
-- mfa_present         aws:MultiFactorAuthPresent in the request: true, false or absent; null where it cannot be known
-- session_started     when the session's credentials were issued, UTC; null without a session
-- issued_by           operation that issued the credentials; null where that call is not in the lake
-- issued_in           event id of that call
-- opener_arn          ARN of who asked for the session; null where that call is not in the lake
-- opener_type         kind of identity that asked for the session; null where that call is not in the lake
-- session_policy      whether a policy was passed with the request for the session; null where that call is not in the lake
-- session_tags        tags that the session was given, JSON text; null where that is not known
-- invoked_by          AWS service that made the call; null where the caller made it
-- source_identity     source identity that was set when the role was assumed; null otherwise
-- vpc_endpoint_id     VPC endpoint through which the call came; null otherwise
-- over_tls            true where the record tells that TLS was used; else null
-- event_source        service that was called
-- event_name          operation that was called
-- operation           the same without the date of its API's version
-- iam_action          action that a policy has to allow, by the event's name; null where there is none
-- action_known        whether the action, or that there is none, is known: not guessed from the event's name
-- resource_arn        what was to be touched, by the record; null where it does not tell
-- resource_account    account that owns it, as the record tells; null where it does not
-- resource_count      resources that the record lists; null where it lists none
-- subject             what like calls have in common: the resource, by the record or else by AWS's message; empty where neither tells
-- source_ip           address of the caller, or the name of a service
-- user_agent          what the caller's program says of itself
-- error_code          service error; null where the call passed
-- error_message       what the error says
-- outcome             allowed, denied (refused for want of permission) or failed (for another reason)
-- request_parameters  what was asked for, JSON text
-- resources           resources that were touched, JSON text
with coded as (
    select
        *,
        -- KMS.AccessDeniedException, Client.UnauthorizedOperation
        regexp_extract(error_code, '[^.]*$') as code,
        trim(regexp_replace(error_message, '\s+', ' ', 'g')) as message
    from identified
),

named as (
    select
        coded.*,
        action_names.operation is not null as is_named,
        case
            when
                action_names.version_action is not null
                and try(coded.request_parameters ->> '$.versionId') is not null
                then action_names.version_action
            else action_names.iam_action
        end as action_by_name,
        case
            when action_prefixes.event_source is not null then action_prefixes.prefix
            when action_names.operation is null
                then regexp_extract(coded.event_source, '^([^.]+)\.amazonaws\.com$', 1)
        end as prefix
    from coded
    left join action_names
        on
            coded.event_source = action_names.event_source
            and coded.operation = action_names.operation
    left join action_prefixes
        on coded.event_source = action_prefixes.event_source
)

select
    event_id,
    event_time,
    account_id,
    date,
    region,
    principal_arn,
    principal_name,
    principal_id,
    role_arn,
    session_name,
    access_key_id,
    credential_kind,
    federated,
    workload,
    mfa_present,
    session_started,
    issued_by,
    issued_in,
    opener_arn,
    opener_type,
    session_policy,
    session_tags,
    invoked_by,
    source_identity,
    vpc_endpoint_id,
    if(
        try(tls_details ->> '$.tlsVersion') <> ''
        -- S3 tells it in another place.
        or try(additional_event_data ->> '$.CipherSuite') <> '',
        true,
        null
    ) as over_tls,
    event_source,
    event_name,
    operation,
    case
        -- Sign-ins, and what a service or a console does by itself, are no calls of an API:
        -- https://docs.aws.amazon.com/awscloudtrail/latest/userguide/non-api-aws-service-events.html
        when event_type in ('AwsServiceEvent', 'AwsConsoleSignIn', 'AwsConsoleAction') then null
        when is_named then action_by_name
        else nullif(prefix, '') || ':' || operation
    end as iam_action,
    event_type in ('AwsServiceEvent', 'AwsConsoleSignIn')
    or action_by_name is not null as action_known,
    resource_arn,
    resource_account,
    resource_count,
    subject,
    source_ip_address as source_ip,
    user_agent,
    error_code,
    error_message,
    case
        when error_code is null and error_message is null then 'allowed'
        when
            (
                code in (
                    select error_codes.error_code
                    from error_codes
                    where error_codes.meaning = 'denial'
                )
                or error_code like 'Client.Unauthorized%'
                or (
                    error_code is null
                    and regexp_matches(
                        message, '^User: \S+ is not authorized to perform: '
                    )
                )
            )
            -- Cognito says so of a wrong password.
            and not (
                event_source = 'cognito-idp.amazonaws.com'
                and code = 'NotAuthorizedException'
                and not contains(
                    coalesce(message, ''), ' is not authorized to perform: '
                )
            )
            then 'denied'
        else 'failed'
    end as outcome,
    request_parameters,
    resources
from named
