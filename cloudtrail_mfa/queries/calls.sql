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
        trim(regexp_replace(error_message, '\s+', ' ', 'g')) as message,
        -- Lambda's and CloudFront's names carry the version of the API: ListFunctions20150331.
        regexp_replace(
            event_name, '(20\d{6}(v\d+)?|20\d\d_\d\d_\d\d)$', ''
        ) as operation
    from identified
),

named as (
    select
        coded.*,
        action_names.operation is not null as is_named,
        if(
            try(coded.request_parameters ->> '$.versionId') is not null,
            coalesce(action_names.version_action, action_names.iam_action),
            action_names.iam_action
        ) as action_by_name,
        if(
            action_prefixes.event_source is not null,
            action_prefixes.prefix,
            regexp_extract(coded.event_source, '^([^.]+)\.amazonaws\.com$', 1)
        ) as prefix,
        -- https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
        case
            when coded.region like 'cn-%' then 'aws-cn'
            when coded.region like 'us-gov-%' then 'aws-us-gov'
            when coded.region like 'eusc-%' then 'aws-eusc'
            when coded.region like 'us-iso-%' then 'aws-iso'
            when coded.region like 'us-isob-%' then 'aws-iso-b'
            when coded.region like 'eu-isoe-%' then 'aws-iso-e'
            when coded.region like 'us-isof-%' then 'aws-iso-f'
            else 'aws'
        end as partition,
        case
            when coded.event_source = 's3.amazonaws.com'
                then try(coded.request_parameters ->> '$.bucketName')
        end as bucket,
        try(coded.request_parameters ->> '$.key') as object_key,
        list_distinct(
            try(coded.resources ->> '$[*].accountId')
        ) as owners
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
    nullif(user_identity.principal_id, '') as principal_id,
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
    nullif(user_identity.session_context.source_identity, '') as source_identity,
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
    coalesce(
        try(resources ->> '$[0].ARN'),
        try(resources ->> '$[1].ARN'),
        case
            when bucket like 'arn:%' then bucket
            when not regexp_full_match(bucket, '[a-zA-Z0-9._-]+') then null
            else 'arn:' || partition || ':s3:::' || bucket || coalesce('/' || object_key, '')
        end
    ) as resource_arn,
    case
        when len(owners) = 1 then owners[1]
    end as resource_account,
    len(
        list_distinct(try(resources ->> '$[*].ARN'))
    ) as resource_count,
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
