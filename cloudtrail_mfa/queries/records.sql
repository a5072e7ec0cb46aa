-- records: one row for each event with every stored column, and the names that filters go by
--
-- *               the columns of events
-- region          region in which the call was made
-- principal_arn   ARN of who called; null where the record gives none
-- principal_name  user, role or service
select
    *,
    aws_region as region,
    user_identity.arn as principal_arn,
    coalesce(
        nullif(user_identity.user_name, ''),
        user_identity.session_context.session_issuer.user_name,
        user_identity.invoked_by
    ) as principal_name
from events
