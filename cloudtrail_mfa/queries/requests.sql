-- requests: one row for each event, with what was asked for and what came of it
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
-- access_key_id       key that signed the call; null where the record gives none
-- credential_kind     kind of credential, as in calls
-- federated           whether an identity provider vouches for the caller, forwarded or not
-- workload            whether the caller is a machine's role, forwarded or not
-- mfa_present         aws:MultiFactorAuthPresent in the request: true, false or absent; null where it cannot be known
-- session_started     when the session's credentials were issued, UTC; null without a session
-- session_policy      whether a policy was passed with the request for the session; null where that call is not in the lake
-- session_tags        tags that the session was given, JSON text; null where that is not known
-- invoked_by          AWS service that made the call; null where the caller made it
-- source_identity     source identity that was set when the role was assumed; null otherwise
-- vpc_endpoint_id     VPC endpoint through which the call came; null otherwise
-- over_tls            true where the record tells that TLS was used; else null
-- event_source        service that was called
-- event_name          operation that was called
-- operation           the same without the date of its API's version
-- iam_action          action that a policy has to allow: AWS's own word where it refused the call, else by the event's name
-- action_known        whether the action is AWS's own word, or that of a table: not guessed from the event's name
-- action_named        whether AWS's message names the action
-- event_action        action by the event's name, whatever the message says
-- resource_arn        what was to be touched: as AWS's message names it, else by the record
-- resource_account    account that owns it, as the record tells; null where it does not
-- resource_count      resources that the record lists; null where it lists none
-- source_ip           address of the caller, or the name of a service
-- user_agent          what the caller's program says of itself
-- outcome             allowed, denied (refused for want of permission) or failed (for another reason)
-- request_parameters  what was asked for, JSON text
-- resources           resources that were touched, JSON text
with asked as (
    select
        *,
        false as action_named,
        iam_action as event_action
    from calls
    where outcome <> 'denied'
    union all by name
    select
        *,
        'denied' as outcome
    from denials
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
    access_key_id,
    credential_kind,
    federated,
    workload,
    mfa_present,
    session_started,
    session_policy,
    session_tags,
    invoked_by,
    source_identity,
    vpc_endpoint_id,
    over_tls,
    event_source,
    event_name,
    operation,
    iam_action,
    action_known,
    action_named,
    event_action,
    resource_arn,
    resource_account,
    resource_count,
    source_ip,
    user_agent,
    outcome,
    request_parameters,
    resources
from asked
