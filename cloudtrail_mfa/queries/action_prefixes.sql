-- action_prefixes: one row for each service whose IAM prefix is not its name in CloudTrail
--
-- event_source  service, as CloudTrail names it
-- prefix        prefix of its IAM actions; null where they are not named after operations
--
-- Sources: the Service Authorization Reference
-- (https://docs.aws.amazon.com/service-authorization/latest/reference/), the services' pages on
-- logging with CloudTrail, and for lex, mturk-requester and streams.dynamodb
-- https://github.com/flosell/trailscraper (Apache-2.0).
with prefixes (service, prefix) as (
    values
    ('amazonmq', 'mq'),
    ('apigateway', null),
    ('application-insights', 'applicationinsights'),
    ('appstream2', 'appstream'),
    ('cloudcontrolapi', 'cloudformation'),
    ('cloudhsmv2', 'cloudhsm'),
    ('email', 'ses'),
    ('entitlement.marketplace', 'aws-marketplace'),
    ('metering-marketplace', 'aws-marketplace'),
    ('metering.marketplace', 'aws-marketplace'),
    ('migrationhub', 'mgh'),
    ('models.lex', 'lex'),
    ('monitoring', 'cloudwatch'),
    ('mturk-requester', 'mechanicalturk'),
    ('partnercentral-account', 'partnercentral'),
    ('partnercentral-benefits', 'partnercentral'),
    ('partnercentral-channel', 'partnercentral'),
    ('partnercentral-prm', 'partnercentral'),
    ('partnercentral-selling', 'partnercentral'),
    ('rdsdata', 'rds-data'),
    ('runtime.lex', 'lex'),
    ('servicecatalog-appregistry', 'servicecatalog'),
    ('signin', null),
    ('streams.dynamodb', 'dynamodb'),
    ('tagging', 'tag')
)

select
    service || '.amazonaws.com' as event_source,
    prefix
from prefixes
