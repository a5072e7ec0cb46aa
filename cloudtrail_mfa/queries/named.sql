-- named: one row for each event with every stored column, and with who called which operation
--
-- *                the columns of events
-- region           region in which the call was made
-- principal_arn    ARN of who called; null where the record gives none
-- principal_id     unique id of the caller, with a session its name; null where the record gives none
-- role_arn         ARN of a session's role, path included; null otherwise
-- source_identity  source identity that was set when the role was assumed; null otherwise
-- operation        operation that was called, without the date of its API's version
select
    *,
    aws_region as region,
    nullif(user_identity.arn, '') as principal_arn,
    nullif(user_identity.principal_id, '') as principal_id,
    if(
        user_identity.session_context.session_issuer.type = 'Role',
        nullif(user_identity.session_context.session_issuer.arn, ''),
        null
    ) as role_arn,
    nullif(user_identity.session_context.source_identity, '') as source_identity,
    -- Lambda's and CloudFront's names carry the version of the API: ListFunctions20150331.
    if(
        contains(event_name, '20'),
        regexp_replace(event_name, '(20\d{6}(v\d+)?|20\d\d_\d\d_\d\d)$', ''),
        event_name
    ) as operation
from events
