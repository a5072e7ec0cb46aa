-- self_service: one row for each action that a user may have without MFA so as to get it, or that needs no permission
--
-- iam_action  the action
--
-- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html
with actions (iam_action) as (
    values
    ('iam:ChangePassword'),
    ('iam:CreateVirtualMFADevice'),
    ('iam:EnableMFADevice'),
    ('iam:GetAccountPasswordPolicy'),
    ('iam:GetMFADevice'),
    ('iam:GetUser'),
    ('iam:ListMFADevices'),
    ('iam:ListVirtualMFADevices'),
    ('iam:ResyncMFADevice'),
    ('sts:GetCallerIdentity'),
    ('sts:GetSessionToken')
)

select iam_action
from actions
