-- denials: one row for each refused call, with the session that signed it and AWS's words
--
-- event_id            CloudTrail's eventID
-- event_time          when the call arrived, UTC
-- account_id          account whose trail holds the event
-- date                day of the event, UTC
-- region              region in which the call was made
-- principal_arn       ARN of who called; null where neither record nor message gives one
-- principal_name      user, role, service, or the person behind a federated session
-- session_name        name of a role session; null otherwise
-- access_key_id       key that signed the call; null where the record gives none
-- credential_kind     kind of credential, as in calls
-- mfa_present         aws:MultiFactorAuthPresent in the request: true, false or absent; null where it cannot be known
-- session_started     when the session's credentials were issued, UTC; null without a session
-- issued_by           operation that issued the credentials; null where that call is not in the lake
-- issued_in           event id of that call
-- invoked_by          AWS service that made the call; null where the caller made it
-- event_source        service that was called
-- event_name          operation that was called
-- iam_action          action that was refused: the message's own, else by the event's name
-- resource_arn        what was to be touched: as the message names it, else by the record
-- source_ip           address of the caller, or the name of a service
-- user_agent          what the caller's program says of itself
-- error_code          service error
-- error_message       what the error says
-- deny_kind           explicit or implicit, as the message says; null where it does not
-- policy_type         kind of policy that the message names: identity, resource, scp, rcp, boundary, session, vpc_endpoint or trust
-- policy_arn          ARN of the denying policy, where the message names it
-- reason              the words of the message that say why; null where there are none
-- message_form        reasoned, no_reason, encoded, cut, account_setting, bare, other or none: how much the message tells
-- request_parameters  what was asked for, JSON text
-- resources           resources that were touched, JSON text
--
-- Message forms: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
with failed as (
    select
        *,
        -- KMS.AccessDeniedException, Client.UnauthorizedOperation
        regexp_extract(error_code, '[^.]*$') as code,
        regexp_replace(trim(error_message), '\s+', ' ', 'g') as message
    from calls
    where error_code is not null or error_message is not null
),

refused as (
    select *
    from failed
    where
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
),

-- The reason stands at the end. What precedes it may quote names that a caller chose, so the
-- last reason counts, and none where the message was cut (at 1,024 bytes) before its end.
reasons as (
    select
        *,
        if(
            strlen(error_message) >= 1024
            and not contains(message, ' Encoded authorization failure message: '),
            '',
            message
        ) as whole,
        regexp_extract(
            whole,
            '^(.*)( because no ([A-Za-z -]+) allows the \S+ action'
            || '| with an explicit deny(?: in (?:an?|the) ([A-Za-z -]+))?)'
            || '(?:: (arn:[^ ]+?))?'
            || '(?:\. Go to https://\S+/authorization-details/[A-Za-z0-9-]+)?'
            || '\.?(?: Encoded authorization failure message: [A-Za-z0-9_.-]*)?$',
            [
                'head',
                'reason',
                'implicit_phrase',
                'explicit_phrase',
                'policy_arn'
            ]
        ) as said
    from refused
),

heads as (
    select
        *,
        regexp_extract(
            if(
                said.reason = '',
                regexp_replace(
                    message,
                    '\.? Encoded authorization failure message: [A-Za-z0-9_.-]*$',
                    ''
                ),
                said.head
            ),
            '^(?:You are not authorized to perform this operation\.? ?)?'
            || 'User: (\S+) is not authorized to perform: ([A-Za-z0-9-]+):([A-Za-z0-9*]+)'
            || '(?: on resource: (.*))?$',
            ['principal', 'prefix', 'action', 'resource']
        ) as asked
    from reasons
),

named as (
    select
        heads.*,
        action_names.iam_action as action_by_name,
        if(
            action_prefixes.event_source is not null,
            action_prefixes.prefix,
            regexp_extract(heads.event_source, '^([^.]+)\.amazonaws\.com$', 1)
        ) as prefix,
        policy_phrases.policy_type,
        case split_part(heads.region, '-', 1)
            when 'cn' then 'aws-cn'
            else if(heads.region like 'us-gov-%', 'aws-us-gov', 'aws')
        end as partition,
        coalesce(
            (
                select bool_or(regexp_matches(heads.whole, account_settings.pattern))
                from account_settings
            ),
            false
        ) as account_setting,
        try(heads.request_parameters ->> '$.bucketName') as bucket,
        try(heads.request_parameters ->> '$.key') as object_key
    from heads
    left join action_names
        on
            heads.event_source = action_names.event_source
            and heads.event_name = action_names.event_name
    left join action_prefixes
        on heads.event_source = action_prefixes.event_source
    left join policy_phrases
        on
            lower(heads.said.implicit_phrase || heads.said.explicit_phrase)
            = policy_phrases.phrase
)

select
    event_id,
    event_time,
    account_id,
    date,
    region,
    coalesce(principal_arn, nullif(asked.principal, '')) as principal_arn,
    principal_name,
    session_name,
    access_key_id,
    credential_kind,
    mfa_present,
    session_started,
    issued_by,
    issued_in,
    invoked_by,
    event_source,
    event_name,
    coalesce(
        nullif(lower(asked.prefix) || ':' || asked.action, ':'),
        action_by_name,
        nullif(prefix, '')
        || ':'
        -- Lambda's names carry the version of its API: ListFunctions20150331.
        || regexp_replace(event_name, '20\d{6}(v\d+)?$', '')
    ) as iam_action,
    coalesce(
        nullif(trim(asked.resource, '"'), ''),
        try(resources ->> '$[0].ARN'),
        try(resources ->> '$[1].ARN'),
        'arn:' || partition || ':s3:::' || bucket || coalesce('/' || object_key, '')
    ) as resource_arn,
    source_ip,
    user_agent,
    error_code,
    error_message,
    case
        when said.reason like ' with%' then 'explicit'
        when said.reason like ' because%' then 'implicit'
    end as deny_kind,
    policy_type,
    nullif(said.policy_arn, '') as policy_arn,
    nullif(trim(said.reason), '') as reason,
    case
        when coalesce(message, '') = '' then 'none'
        when account_setting then 'account_setting'
        when said.reason <> '' then 'reasoned'
        when whole = '' then 'cut'
        when contains(message, ' Encoded authorization failure message: ')
            then 'encoded'
        when asked.principal <> '' then 'no_reason'
        when strlen(message) < 60 then 'bare'
        else 'other'
    end as message_form,
    request_parameters,
    resources
from named
