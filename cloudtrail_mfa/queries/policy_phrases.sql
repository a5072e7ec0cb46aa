-- policy_phrases: one row for each name that AWS's messages give to a kind of policy
--
-- phrase       words of the message, in lower case
-- policy_type  identity, resource, scp, rcp, boundary, session, vpc_endpoint or trust
--
-- Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
with phrases (phrase, policy_type) as (
    values
    ('identity-based policy', 'identity'),
    ('resource-based policy', 'resource'),
    ('service control policy', 'scp'),
    ('resource control policy', 'rcp'),
    ('permissions boundary', 'boundary'),
    ('session policy', 'session'),
    ('sessions policy', 'session'),
    ('vpc endpoint policy', 'vpc_endpoint'),
    (
        'vpc endpoint policy transitively through a service control policy',
        'vpc_endpoint'
    ),
    ('role trust policy', 'trust')
)

select
    phrase,
    policy_type
from phrases
