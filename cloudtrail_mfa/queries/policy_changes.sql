-- policy_changes: one row for each successful IAM write that changes who has which policy or MFA device
--
-- event_id         CloudTrail's eventID
-- event_time       when the call arrived, UTC
-- account_id       account whose trail holds the event
-- event_name       operation: AttachUserPolicy, PutRolePolicy, CreatePolicyVersion, …
-- principal_arn    ARN of who made the change; null where the record gives none
-- user_name        user that is changed; null where it is none
-- group_name       group that is changed, or joined, or left; null where it is none
-- role_name        role that is changed; null where it is none
-- path             path of what is created; null where it is none, or is not recorded
-- policy_arn       managed policy that is changed, attached or detached; null where it is none
-- policy_name      inline policy, or managed policy that is created; null where it is none
-- policy_document  text of the policy, or of a role's trust policy; null where the call gives none
-- version_id       version of a managed policy that is made, set or deleted; null where it is none
-- is_default       whether that version is in force from then on; null where that is not recorded
-- boundary_arn     permissions boundary that is set; null where none is
-- new_name         name that a user or group is given; null where it is not renamed
-- tags             tags that are given, JSON text; null where none are
-- tag_keys         tags that are taken away, JSON text; null where none are
-- serial_number    MFA device; null where it is none
--
-- What the calls carry: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html.
with writes as (
    select
        event_id,
        event_time,
        account_id,
        event_name,
        user_identity.arn as principal_arn,
        request_parameters as asked,
        response_elements as answered
    from notable
    where
        event_source = 'iam.amazonaws.com'
        and error_code is null
        and error_message is null
        and event_name in (
            'CreateUser', 'UpdateUser', 'DeleteUser',
            'CreateGroup', 'UpdateGroup', 'DeleteGroup',
            'CreateRole', 'DeleteRole', 'UpdateAssumeRolePolicy',
            'AddUserToGroup', 'RemoveUserFromGroup',
            'PutUserPolicy', 'PutGroupPolicy', 'PutRolePolicy',
            'DeleteUserPolicy', 'DeleteGroupPolicy', 'DeleteRolePolicy',
            'AttachUserPolicy', 'AttachGroupPolicy', 'AttachRolePolicy',
            'DetachUserPolicy', 'DetachGroupPolicy', 'DetachRolePolicy',
            'PutUserPermissionsBoundary', 'PutRolePermissionsBoundary',
            'DeleteUserPermissionsBoundary', 'DeleteRolePermissionsBoundary',
            'CreatePolicy', 'DeletePolicy',
            'CreatePolicyVersion', 'SetDefaultPolicyVersion', 'DeletePolicyVersion',
            'TagUser', 'TagRole', 'UntagUser', 'UntagRole',
            'CreateVirtualMFADevice', 'EnableMFADevice',
            'DeactivateMFADevice', 'DeleteVirtualMFADevice'
        )
)

select
    event_id,
    event_time,
    account_id,
    event_name,
    principal_arn,
    coalesce(
        try(asked ->> '$.userName'),
        -- Whoever names no user means its own device.
        if(
            event_name in ('EnableMFADevice', 'DeactivateMFADevice'),
            nullif(regexp_extract(principal_arn, ':user/(.*/)?([^/]+)$', 2), ''),
            null
        )
    ) as user_name,
    try(asked ->> '$.groupName') as group_name,
    try(asked ->> '$.roleName') as role_name,
    try(asked ->> '$.path') as path,
    coalesce(
        try(asked ->> '$.policyArn'), try(answered ->> '$.policy.arn')
    ) as policy_arn,
    try(asked ->> '$.policyName') as policy_name,
    coalesce(
        try(asked ->> '$.policyDocument'),
        try(asked ->> '$.assumeRolePolicyDocument')
    ) as policy_document,
    coalesce(
        try(asked ->> '$.versionId'),
        try(answered ->> '$.policyVersion.versionId'),
        try(answered ->> '$.policy.defaultVersionId')
    ) as version_id,
    case
        when event_name in ('CreatePolicy', 'SetDefaultPolicyVersion') then true
        when event_name = 'CreatePolicyVersion'
            then
                coalesce(
                    try_cast(
                        try(answered ->> '$.policyVersion.isDefaultVersion') as boolean
                    ),
                    try_cast(try(asked ->> '$.setAsDefault') as boolean),
                    if(starts_with(asked, '{'), false, null)
                )
    end as is_default,
    try(asked ->> '$.permissionsBoundary') as boundary_arn,
    coalesce(
        try(asked ->> '$.newUserName'), try(asked ->> '$.newGroupName')
    ) as new_name,
    try(asked ->> '$.tags') as tags,
    try(asked ->> '$.tagKeys') as tag_keys,
    coalesce(
        try(asked ->> '$.serialNumber'),
        try(answered ->> '$.virtualMFADevice.serialNumber')
    ) as serial_number
from writes
