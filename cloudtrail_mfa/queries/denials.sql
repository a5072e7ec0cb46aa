-- denials: one row for each refused call, with the session that signed it and AWS's words
--
-- event_id            CloudTrail's eventID
-- event_time          when the call arrived, UTC
-- account_id          account whose trail holds the event
-- date                day of the event, UTC
-- region              region in which the call was made
-- principal_arn       ARN of who called; null where neither record nor message gives one
-- principal_name      user, role, service, or the person behind a federated session
-- principal_id        unique id of the caller, with a session its name; null where the record gives none
-- role_arn            ARN of a session's role, path included; null otherwise
-- session_name        name of a role session; null otherwise
-- access_key_id       key that signed the call; null where the record gives none
-- credential_kind     kind of credential, as in calls
-- federated           whether an identity provider vouches for the caller, forwarded or not
-- workload            whether the caller is a machine's role, forwarded or not
-- mfa_present         aws:MultiFactorAuthPresent in the request: true, false or absent; null where it cannot be known
-- session_started     when the session's credentials were issued, UTC; null without a session
-- issued_by           operation that issued the credentials; null where that call is not in the lake
-- issued_in           event id of that call
-- opener_arn          ARN of who asked for the session; null where that call is not in the lake
-- opener_type         kind of identity that asked for the session; null where that call is not in the lake
-- mfa_serial          MFA device of who called or opened the session, as the trail shows it; null where it shows none
-- session_policy      whether a policy was passed with the request for the session; null where that call is not in the lake
-- session_tags        tags that the session was given, JSON text; null where that is not known
-- invoked_by          AWS service that made the call; null where the caller made it
-- source_identity     source identity that was set when the role was assumed; null otherwise
-- vpc_endpoint_id     VPC endpoint through which the call came; null otherwise
-- over_tls            true where the record tells that TLS was used; else null
-- event_source        service that was called
-- event_name          operation that was called
-- operation           the same without the date of its API's version
-- iam_action          action that was refused: the message's own, else by the event's name
-- action_known        whether the action is AWS's own word, or that of a table: not guessed from the event's name
-- action_named        whether AWS's message names the action
-- event_action        action by the event's name, whatever the message says
-- resource_arn        what was to be touched: as the message names it, else by the record
-- resource_account    account that owns it, as the record tells; null where it does not
-- resource_count      resources that the record lists; null where it lists none
-- subject             what like calls have in common, as in calls
-- source_ip           address of the caller, or the name of a service
-- user_agent          what the caller's program says of itself
-- error_code          service error
-- error_message       what the error says
-- deny_kind           explicit or implicit, as the message says; null where it does not
-- policy_type         kind of policy that the message names: identity, resource, scp, rcp, boundary, session, vpc_endpoint or trust
-- policy_arn          ARN of the denying policy, where the message names it
-- reason              the words of the message that say why; null where there are none
-- message_form        reasoned, no_reason, encoded, cut, bare, other or none: how much the message tells
-- request_parameters  what was asked for, JSON text
-- resources           resources that were touched, JSON text
--
-- Message forms: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
with refused as (
    select
        *,
        trim(regexp_replace(error_message, '\s+', ' ', 'g')) as message
    from calls
    where
        outcome = 'denied'
        -- Told by the outcome already, and yet read off the events before anything else is asked.
        and (error_code is not null or error_message is not null)
),

-- The reason stands at the end. What precedes it may quote names that a caller chose, an object's
-- key above all: so the last reason counts, a quoted name has to be closed before it, and there is
-- none where the message was cut (at 1,024 bytes, a few less inside a character) before its end.
reasons as (
    select
        *,
        coalesce(
            strlen(error_message) >= 1021
            and not (
                event_source = 'ec2.amazonaws.com'
                and contains(message, ' Encoded authorization failure message: ')
            ),
            false
        ) as is_cut,
        regexp_extract(
            if(
                is_cut
                -- S3 quotes what it names; what is not quoted may hold a caller's own words.
                or (
                    event_source = 's3.amazonaws.com'
                    and contains(message, ' on resource: arn:')
                ),
                '',
                message
            ),
            '^((?:You are not authorized to perform this operation\.? ?)?'
            || 'User: \S+ is not authorized to perform: \S+'
            || '(?: on resource: (?:".*"|[^" ]*|[a-z][a-z -]* [^" ]*))?)'
            || '( because no ([A-Za-z -]+) allows the \S+ action'
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

-- Where a reason was found, what stands before it is parsed to its end: no name in it can pass for
-- the reason. Where none was, a name that is not quoted ends at the first space.
heads as (
    select
        *,
        if(
            said.reason <> '',
            regexp_extract(
                said.head,
                '^(?:You are not authorized to perform this operation\.? ?)?'
                || 'User: (\S+) is not authorized to perform: ([A-Za-z0-9-]+):([A-Za-z0-9*]+)'
                || '(?: on resource: (.*))?()$',
                ['principal', 'prefix', 'action', 'resource', 'rest']
            ),
            regexp_extract(
                message,
                '^(?:You are not authorized to perform this operation\.? ?)?'
                || 'User: (\S+) is not authorized to perform: ([A-Za-z0-9-]+):([A-Za-z0-9*]+)'
                || '(?: on resource: (".*"|.*?))?'
                || '( because .*| with an explicit deny.*|\.? Go to https://.*'
                || '|\.? Encoded authorization failure message: .*| \(Service: .*)?\.?$',
                ['principal', 'prefix', 'action', 'resource', 'rest']
            )
        ) as asked
    from reasons
),

named as (
    select
        heads.*,
        case
            when regexp_matches(heads.error_code, '(^|\.)VpceAccessDenied$') then 'vpc_endpoint'
            else policy_phrases.policy_type
        end as policy_type,
        devices.serial_number as mfa_serial
    from heads
    left join devices
        on coalesce(heads.opener_arn, heads.principal_arn) = devices.principal_arn
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
    coalesce(
        principal_arn, nullif(regexp_extract(asked.principal, '^arn:.*'), '')
    ) as principal_arn,
    coalesce(
        principal_name,
        nullif(regexp_extract(asked.principal, '^arn:.*[/:]([^/:]+)$', 1), '')
    ) as principal_name,
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
    mfa_serial,
    session_policy,
    session_tags,
    invoked_by,
    source_identity,
    vpc_endpoint_id,
    over_tls,
    event_source,
    event_name,
    operation,
    coalesce(
        nullif(lower(asked.prefix) || ':' || asked.action, ':'), iam_action
    ) as iam_action,
    asked.action <> '' or action_known as action_known,
    asked.action <> '' as action_named,
    iam_action as event_action,
    coalesce(
        case
            -- A name that was cut with the message is not its name, nor is the beginning of one.
            when
                is_cut
                or (
                    asked.resource not like '"%'
                    and regexp_matches(asked.rest, '^ because | with an ')
                )
                then null
            else nullif(regexp_extract(asked.resource, '^"?(.*?)"?$', 1), '')
        end,
        resource_arn
    ) as resource_arn,
    resource_account,
    resource_count,
    subject,
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
        when said.reason <> '' then 'reasoned'
        when is_cut then 'cut'
        when
            event_source = 'ec2.amazonaws.com'
            and contains(message, ' Encoded authorization failure message: ')
            then 'encoded'
        when asked.principal <> '' and asked.rest not like ' because%'
            then 'no_reason'
        when strlen(message) < 60 then 'bare'
        else 'other'
    end as message_form,
    request_parameters,
    resources
from named
