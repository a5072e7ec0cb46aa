-- action_names: one row for each event whose IAM action is not its own name
--
-- event_source  service, as CloudTrail names it
-- event_name    operation, as CloudTrail names it
-- iam_action    action that a policy must allow
--
-- Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
-- and the Service Authorization Reference. Where one operation needs several actions, this is
-- the one that decides whether it may be called at all.
with names (service, event_name, iam_action) as (
    values
    ('bedrock', 'Converse', 'bedrock:InvokeModel'),
    ('bedrock', 'ConverseStream', 'bedrock:InvokeModelWithResponseStream'),
    ('lambda', 'Invoke', 'lambda:InvokeFunction'),
    ('s3', 'CompleteMultipartUpload', 's3:PutObject'),
    ('s3', 'CopyObject', 's3:PutObject'),
    ('s3', 'CreateMultipartUpload', 's3:PutObject'),
    ('s3', 'DeleteBucketCors', 's3:PutBucketCORS'),
    ('s3', 'DeleteBucketEncryption', 's3:PutEncryptionConfiguration'),
    ('s3', 'DeleteBucketLifecycle', 's3:PutLifecycleConfiguration'),
    ('s3', 'DeleteBucketReplication', 's3:PutReplicationConfiguration'),
    ('s3', 'DeleteBucketTagging', 's3:PutBucketTagging'),
    ('s3', 'DeleteObjects', 's3:DeleteObject'),
    (
        's3',
        'GetBucketAccelerateConfiguration',
        's3:GetAccelerateConfiguration'
    ),
    ('s3', 'GetBucketCors', 's3:GetBucketCORS'),
    ('s3', 'GetBucketEncryption', 's3:GetEncryptionConfiguration'),
    ('s3', 'GetBucketInventoryConfiguration', 's3:GetInventoryConfiguration'),
    ('s3', 'GetBucketLifecycle', 's3:GetLifecycleConfiguration'),
    ('s3', 'GetBucketLifecycleConfiguration', 's3:GetLifecycleConfiguration'),
    ('s3', 'GetBucketMetricsConfiguration', 's3:GetMetricsConfiguration'),
    ('s3', 'GetBucketAnalyticsConfiguration', 's3:GetAnalyticsConfiguration'),
    (
        's3',
        'GetBucketNotificationConfiguration',
        's3:GetBucketNotification'
    ),
    ('s3', 'GetBucketReplication', 's3:GetReplicationConfiguration'),
    ('s3', 'GetObjectLockConfiguration', 's3:GetBucketObjectLockConfiguration'),
    (
        's3',
        'DeleteBucketAnalyticsConfiguration',
        's3:PutAnalyticsConfiguration'
    ),
    (
        's3',
        'DeleteBucketInventoryConfiguration',
        's3:PutInventoryConfiguration'
    ),
    ('s3', 'DeleteBucketMetricsConfiguration', 's3:PutMetricsConfiguration'),
    ('s3', 'DeleteBucketOwnershipControls', 's3:PutBucketOwnershipControls'),
    ('s3', 'DeleteBucketPublicAccessBlock', 's3:PutBucketPublicAccessBlock'),
    (
        's3',
        'GetBucketIntelligentTieringConfiguration',
        's3:GetIntelligentTieringConfiguration'
    ),
    ('s3', 'ListBucketAnalyticsConfigurations', 's3:GetAnalyticsConfiguration'),
    (
        's3',
        'ListBucketIntelligentTieringConfigurations',
        's3:GetIntelligentTieringConfiguration'
    ),
    ('s3', 'ListBucketInventoryConfigurations', 's3:GetInventoryConfiguration'),
    ('s3', 'ListBucketMetricsConfigurations', 's3:GetMetricsConfiguration'),
    ('s3', 'HeadBucket', 's3:ListBucket'),
    ('s3', 'HeadObject', 's3:GetObject'),
    ('s3', 'ListBuckets', 's3:ListAllMyBuckets'),
    ('s3', 'ListMultipartUploads', 's3:ListBucketMultipartUploads'),
    ('s3', 'ListObjectVersions', 's3:ListBucketVersions'),
    ('s3', 'ListObjects', 's3:ListBucket'),
    ('s3', 'ListObjectsV2', 's3:ListBucket'),
    ('s3', 'ListParts', 's3:ListMultipartUploadParts'),
    (
        's3',
        'PutBucketAccelerateConfiguration',
        's3:PutAccelerateConfiguration'
    ),
    ('s3', 'PutBucketCors', 's3:PutBucketCORS'),
    ('s3', 'PutBucketEncryption', 's3:PutEncryptionConfiguration'),
    ('s3', 'PutBucketInventoryConfiguration', 's3:PutInventoryConfiguration'),
    ('s3', 'PutBucketLifecycle', 's3:PutLifecycleConfiguration'),
    ('s3', 'PutBucketLifecycleConfiguration', 's3:PutLifecycleConfiguration'),
    ('s3', 'PutBucketMetricsConfiguration', 's3:PutMetricsConfiguration'),
    ('s3', 'PutBucketAnalyticsConfiguration', 's3:PutAnalyticsConfiguration'),
    (
        's3',
        'PutBucketNotificationConfiguration',
        's3:PutBucketNotification'
    ),
    ('s3', 'PutBucketReplication', 's3:PutReplicationConfiguration'),
    ('s3', 'PutObjectLockConfiguration', 's3:PutBucketObjectLockConfiguration'),
    ('s3', 'SelectObjectContent', 's3:GetObject'),
    ('s3', 'UploadPart', 's3:PutObject'),
    ('s3', 'UploadPartCopy', 's3:PutObject')
)

select
    service || '.amazonaws.com' as event_source,
    event_name,
    iam_action
from names
