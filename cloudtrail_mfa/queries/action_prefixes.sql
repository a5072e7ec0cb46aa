-- action_prefixes: one row for each service whose IAM prefix is not its name in CloudTrail
--
-- event_source  service, as CloudTrail names it
-- prefix        prefix of its IAM actions; null where they are not named after operations
--
-- Source: the Service Authorization Reference,
-- https://docs.aws.amazon.com/service-authorization/latest/reference/
with prefixes (service, prefix) as (
    values
    ('apigateway', null),
    ('appstream2', 'appstream'),
    ('cloudcontrolapi', 'cloudformation'),
    ('cloudhsmv2', 'cloudhsm'),
    ('email', 'ses'),
    ('entitlement.marketplace', 'aws-marketplace'),
    ('metering.marketplace', 'aws-marketplace'),
    ('models.lex', 'lex'),
    ('monitoring', 'cloudwatch'),
    ('runtime.lex', 'lex'),
    ('streams.dynamodb', 'dynamodb'),
    ('tagging', 'tag')
)

select
    service || '.amazonaws.com' as event_source,
    prefix
from prefixes
