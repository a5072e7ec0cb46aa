-- sessions: one row for each temporary credential that was issued or used, and each sign-in without a call
--
-- access_key_id     temporary key; null where records hide it, and for a sign-in without a call
-- account_id        account whose trail holds the session's first event
-- principal_arn     ARN of whose session it is; null where no record gives one
-- principal_name    user, role, service, or the person behind a federated session
-- session_name      name of a role session; null otherwise
-- credential_kind   kind of credential, as in calls; null for a key with which no call was made
-- federated         whether an identity provider vouches for the caller
-- workload          whether the caller is a machine's role
-- issued_by         operation that opened it: GetSessionToken, AssumeRole, ConsoleLogin, …; null where that event is not in the lake
-- issued_in         event id of that operation; the keys of one sign-in share it
-- opener_arn        ARN of who opened it; null where that is not known, or has none
-- opener_key        key that signed the request for it; null where none did
-- origin            who stands at the beginning: a user's ARN, a federated person, a service, a machine; null where not known
-- chain             from there to this session: who, by which operation, with which key, and whether with MFA
-- mfa_used          whether MFA was used to open it; null where that is not known, as with an identity provider
-- mfa_contradicted  whether what is recorded of its MFA does not agree
-- mfa_evidence      what is recorded of its MFA, a sentence each
-- mfa_serial        MFA device named when it was opened; null where none was
-- started           when it was opened, UTC; null where neither its issue nor its calls tell
-- expires_at        when the key ends, UTC; null where the issue does not tell
-- first_seen        first call, else the issue, UTC
-- last_seen         last call, else the issue, UTC
-- calls             calls that were made with it
-- denials           those that were refused
-- failures          those that failed for another reason
-- source_ips        up to five addresses, the most used first
-- source_ip_count   how many there are
-- user_agents       up to three programs, the most used first
-- user_agent_count  how many there are
-- services          up to ten services that were called, the most used first
-- regions           regions in which it was used
-- event_id          first call, else the issue
--
-- A sign-in and its calls are joined by when the session was opened, of which both tell, to the second.
-- Of role sessions AWS's guide says that policies see no MFA in them:
-- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html.
with recursive in_use as materialized (
    select *
    from used_sessions
),

signed_in as (
    select
        event_id,
        event_time,
        account_id,
        region,
        principal_arn,
        principal_name,
        federated,
        mfa_used,
        mfa_device as mfa_serial,
        'ConsoleLogin recorded MFAUsed ' || coalesce(mfa_recorded, 'not at all')
        || ' (event ' || event_id || ').' as mfa_sentence
    from sign_ins
    where passed and principal_arn is not null
),

opened_at_sign_in as (
    select
        in_use.session,
        min_by(
            signed_in,
            (
                abs(epoch(signed_in.event_time) - epoch(in_use.session_started)),
                signed_in.event_id
            )
        ) as login
    from in_use
    inner join signed_in on in_use.principal_arn = signed_in.principal_arn
    where
        in_use.credential_kind in ('console', 'federated', 'forwarded')
        and signed_in.event_time
        between in_use.session_started - interval 2 seconds
        and in_use.session_started + interval 2 seconds
    group by in_use.session
),

sign_ins_alone as (
    select signed_in
    from signed_in
    where
        signed_in.event_id not in (
            select opened_at_sign_in.login.event_id from opened_at_sign_in
        )
),

-- Used or not, with what is known of the issue.
joined as (
    select
        coalesce(used.session, issued.access_key_id) as session,
        used,
        issued,
        opened_at_sign_in.login
    from in_use as used
    full join issued on used.session = issued.access_key_id
    left join opened_at_sign_in
        on used.session = opened_at_sign_in.session and issued.access_key_id is null
    union all
    select
        signed_in.event_id as session,
        null as used,
        null as issued,
        signed_in as login
    from sign_ins_alone
),

told as (
    select
        session,
        used,
        issued,
        login,
        coalesce(used.access_key_id, issued.access_key_id) as access_key_id,
        coalesce(
            issued.issued_by, if(login is null, null, 'ConsoleLogin')
        ) as issued_by,
        coalesce(
            used.principal_arn, issued.issued_to, login.principal_arn
        ) as principal_arn,
        coalesce(
            used.federated,
            login.federated,
            issued.issued_by in (
                'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity', 'GetFederationToken'
            )
        ) as federated,
        coalesce(used.workload, issued.opener_type = 'AWSService', false) as workload,
        case
            when issued.issued_by = 'GetSessionToken'
                then issued.mfa_serial_number is not null
            -- Without a device of its own, a session may still have what its opener's had.
            when issued.mfa_serial_number is not null then true
            else login.mfa_used
        end as mfa_at_issue,
        case
            when used.federated then null
            when used.with_mfa then true
            when used.without_mfa then false
        end as mfa_in_calls
    from joined
),

labelled as (
    select
        *,
        issued.opener_access_key_id as opener_key,
        concat_ws(
            ' ',
            case
                when issued_by is null then 'not known by which operation:'
                when mfa_at_issue then issued_by || ' with MFA:'
                else issued_by || ':'
            end,
            regexp_extract(principal_arn, '[^:]*$'),
            access_key_id
        ) as label,
        -- Who opened it, where that is not itself a session of the lake.
        concat_ws(
            ' ',
            coalesce(
                issued.opener_service,
                regexp_extract(issued.opener_arn, '[^:]*$'),
                issued.opener_name
            ),
            issued.opener_access_key_id
        ) as opener_label,
        case
            when issued.opener_service is not null then issued.opener_service
            when regexp_matches(issued.opener_arn, ':user/|:root$') then issued.opener_arn
            when issued.opener_type in ('SAMLUser', 'WebIdentityUser')
                then issued.opener_name
        end as opener_origin,
        case
            when principal_arn is null or issued.access_key_id is not null then null
            when regexp_matches(principal_arn, ':user/|:root$') then principal_arn
            when federated then coalesce(used.principal_name, login.principal_name)
            when workload then used.session_name
            when used.credential_kind = 'aws_service' then used.principal_name
        end as own_origin
    from told
),

-- From each session back to who opened it, and on; never in circles.
walk as (
    select
        session,
        session as at,
        opener_key,
        opener_label,
        coalesce(opener_origin, own_origin) as origin,
        [label] as chain,
        0 as hops
    from labelled
    union all
    select
        walk.session,
        labelled.session as at,
        labelled.opener_key,
        labelled.opener_label,
        coalesce(labelled.opener_origin, labelled.own_origin) as origin,
        list_prepend(labelled.label, walk.chain) as chain,
        walk.hops + 1 as hops
    from walk
    inner join labelled on walk.opener_key = labelled.session
    where walk.hops < 12
),

chains as (
    select
        session,
        max_by(origin, hops) as origin,
        max_by(
            if(
                opener_label = '',
                chain,
                list_prepend(opener_label, chain)
            ),
            hops
        ) as chain
    from walk
    group by session
)

select
    labelled.access_key_id,
    coalesce(
        used.account_id,
        login.account_id,
        nullif(split_part(labelled.principal_arn, ':', 5), '')
    ) as account_id,
    labelled.principal_arn,
    coalesce(
        used.principal_name,
        login.principal_name,
        case
            when labelled.principal_arn like '%:assumed-role/%' and not labelled.federated
                then split_part(labelled.principal_arn, '/', 2)
            else nullif(regexp_extract(labelled.principal_arn, '[^/:]+$'), '')
        end
    ) as principal_name,
    coalesce(
        used.session_name,
        nullif(
            regexp_extract(labelled.principal_arn, ':assumed-role/[^/]+/(.+)$', 1), ''
        )
    ) as session_name,
    coalesce(used.credential_kind, if(login is null, null, 'console')) as credential_kind,
    labelled.federated,
    labelled.workload,
    labelled.issued_by,
    coalesce(issued.issued_in, login.event_id) as issued_in,
    coalesce(issued.opener_arn, login.principal_arn) as opener_arn,
    labelled.opener_key,
    chains.origin,
    chains.chain,
    case
        when labelled.federated then null
        else coalesce(labelled.mfa_in_calls, labelled.mfa_at_issue)
    end as mfa_used,
    coalesce(
        labelled.mfa_in_calls <> labelled.mfa_at_issue
        or (used.with_mfa and used.without_mfa),
        false
    ) as mfa_contradicted,
    list_filter(
        [
            case
                when issued.mfa_serial_number is not null
                    then
                        issued.issued_by || ' named the device ' || issued.mfa_serial_number
                        || ' (event ' || issued.issued_in || ').'
                when issued.issued_by = 'GetSessionToken'
                    then issued.issued_by || ' named no device (event ' || issued.issued_in || ').'
            end,
            login.mfa_sentence,
            case
                when labelled.federated
                    then 'Of the identity provider''s own MFA, CloudTrail records nothing.'
                when used.with_mfa and used.without_mfa
                    then 'Its calls were recorded both with MFA and without.'
                when used.with_mfa then 'Its calls were recorded with MFA.'
                when used.without_mfa then 'Its calls were recorded without MFA.'
            end
        ],
        lambda sentence: sentence is not null
    ) as mfa_evidence,
    coalesce(issued.mfa_serial_number, login.mfa_serial) as mfa_serial,
    coalesce(issued.issued_at, used.session_started, login.event_time) as started,
    issued.expires_at,
    coalesce(used.first_seen, issued.issued_at, login.event_time) as first_seen,
    coalesce(used.last_seen, issued.issued_at, login.event_time) as last_seen,
    coalesce(used.calls, 0) as calls,
    coalesce(used.denials, 0) as denials,
    coalesce(used.failures, 0) as failures,
    coalesce(used.source_ips, []) as source_ips,
    coalesce(used.source_ip_count, 0) as source_ip_count,
    coalesce(used.user_agents, []) as user_agents,
    coalesce(used.user_agent_count, 0) as user_agent_count,
    coalesce(used.services, []) as services,
    coalesce(used.regions, []) as regions,
    coalesce(used.event_id, issued.issued_in, login.event_id) as event_id
from labelled
inner join chains on labelled.session = chains.session
