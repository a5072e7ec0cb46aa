-- account_settings: one row for each message that speaks of a setting, not of a policy
--
-- pattern  regular expression that such a message matches
-- setting  what has to be changed
--
-- Sources: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/control-access-billing.html
-- https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
with settings (pattern, setting) as (
    values
    ('^IAM user access not activated', 'access of IAM users to Billing'),
    (
        '^You don''t have access to the model with the specified model ID',
        'access to the model in Amazon Bedrock'
    ),
    (
        '(?i)" because public [^"]* by the Block[A-Za-z]+ [^"]*block public access[^"]*$',
        'S3 Block Public Access'
    )
)

select
    pattern,
    setting
from settings
