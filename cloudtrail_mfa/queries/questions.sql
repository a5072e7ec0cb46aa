-- questions: one row for each refused call in question with which other calls may be compared
--
-- event_id    refused call; two records that claim one id are not one call, and are left out
-- account_id  account whose trail holds it
-- principal   ARN of the role, or else of the caller
select
    event_id,
    any_value(account_id) as account_id,
    any_value(coalesce(role_arn, principal_arn)) as principal
from asked
where
    coalesce(role_arn, principal_arn) is not null
    and credential_kind not in ('aws_service', 'anonymous', 'forwarded', 'cross_account')
group by event_id
having count(*) = 1
