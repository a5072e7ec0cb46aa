-- action_names: one row for each event whose IAM action is not, or not always, its own name
--
-- event_source    service, as CloudTrail names it
-- operation       operation, as CloudTrail names it, without the date of its API's version
-- iam_action      action that a policy must allow; null where there is none, or the event does not tell
-- version_action  action in its place where a version of an object is asked for; null elsewhere
--
-- Sources: the tables of API operations in the Service Authorization Reference
-- (https://docs.aws.amazon.com/service-authorization/latest/reference/), and for S3
-- https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html. API
-- Gateway's actions are HTTP methods; for Budgets also https://github.com/iann0036/iam-dataset
-- (MIT). Application Auto Scaling writes under Auto Scaling's name; PartiQL's statements decide
-- by themselves. Where one operation needs several actions, this is the one that decides whether
-- it may be called at all.
with names (service, operation, iam_action, version_action) as (
    values
    ('access-analyzer', 'GetFindingV2', 'access-analyzer:GetFinding', null),
    ('access-analyzer', 'ListFindingsV2', 'access-analyzer:ListFindings', null),
    ('apigateway', 'CreateApi', 'apigateway:POST', null),
    ('apigateway', 'CreateApiKey', 'apigateway:POST', null),
    ('apigateway', 'CreateApiMapping', 'apigateway:POST', null),
    ('apigateway', 'CreateAuthorizer', 'apigateway:POST', null),
    ('apigateway', 'CreateBasePathMapping', 'apigateway:POST', null),
    ('apigateway', 'CreateDeployment', 'apigateway:POST', null),
    ('apigateway', 'CreateDocumentationPart', 'apigateway:POST', null),
    ('apigateway', 'CreateDocumentationVersion', 'apigateway:POST', null),
    ('apigateway', 'CreateDomainName', 'apigateway:POST', null),
    (
        'apigateway',
        'CreateDomainNameAccessAssociation',
        'apigateway:POST',
        null
    ),
    ('apigateway', 'CreateIntegration', 'apigateway:POST', null),
    ('apigateway', 'CreateIntegrationResponse', 'apigateway:POST', null),
    ('apigateway', 'CreateModel', 'apigateway:POST', null),
    ('apigateway', 'CreateRequestValidator', 'apigateway:POST', null),
    ('apigateway', 'CreateResource', 'apigateway:POST', null),
    ('apigateway', 'CreateRestApi', 'apigateway:POST', null),
    ('apigateway', 'CreateRoute', 'apigateway:POST', null),
    ('apigateway', 'CreateRouteResponse', 'apigateway:POST', null),
    ('apigateway', 'CreateStage', 'apigateway:POST', null),
    ('apigateway', 'CreateUsagePlan', 'apigateway:POST', null),
    ('apigateway', 'CreateUsagePlanKey', 'apigateway:POST', null),
    ('apigateway', 'CreateVpcLink', 'apigateway:POST', null),
    ('apigateway', 'DeleteAccessLogSettings', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteApi', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteApiKey', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteApiMapping', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteAuthorizer', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteBasePathMapping', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteClientCertificate', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteCorsConfiguration', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteDeployment', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteDocumentationPart', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteDocumentationVersion', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteDomainName', 'apigateway:DELETE', null),
    (
        'apigateway',
        'DeleteDomainNameAccessAssociation',
        'apigateway:DELETE',
        null
    ),
    ('apigateway', 'DeleteGatewayResponse', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteIntegration', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteIntegrationResponse', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteMethod', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteMethodResponse', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteModel', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteRequestValidator', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteResource', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteRestApi', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteRoute', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteRouteRequestParameter', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteRouteResponse', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteRouteSettings', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteStage', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteUsagePlan', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteUsagePlanKey', 'apigateway:DELETE', null),
    ('apigateway', 'DeleteVpcLink', 'apigateway:DELETE', null),
    ('apigateway', 'ExportApi', 'apigateway:GET', null),
    ('apigateway', 'FlushStageAuthorizersCache', 'apigateway:DELETE', null),
    ('apigateway', 'FlushStageCache', 'apigateway:DELETE', null),
    ('apigateway', 'GenerateClientCertificate', 'apigateway:POST', null),
    ('apigateway', 'GetAccount', 'apigateway:GET', null),
    ('apigateway', 'GetApi', 'apigateway:GET', null),
    ('apigateway', 'GetApiKey', 'apigateway:GET', null),
    ('apigateway', 'GetApiKeys', 'apigateway:GET', null),
    ('apigateway', 'GetApiMapping', 'apigateway:GET', null),
    ('apigateway', 'GetApiMappings', 'apigateway:GET', null),
    ('apigateway', 'GetApis', 'apigateway:GET', null),
    ('apigateway', 'GetAuthorizer', 'apigateway:GET', null),
    ('apigateway', 'GetAuthorizers', 'apigateway:GET', null),
    ('apigateway', 'GetBasePathMapping', 'apigateway:GET', null),
    ('apigateway', 'GetBasePathMappings', 'apigateway:GET', null),
    ('apigateway', 'GetClientCertificate', 'apigateway:GET', null),
    ('apigateway', 'GetClientCertificates', 'apigateway:GET', null),
    ('apigateway', 'GetDeployment', 'apigateway:GET', null),
    ('apigateway', 'GetDeployments', 'apigateway:GET', null),
    ('apigateway', 'GetDocumentationPart', 'apigateway:GET', null),
    ('apigateway', 'GetDocumentationParts', 'apigateway:GET', null),
    ('apigateway', 'GetDocumentationVersion', 'apigateway:GET', null),
    ('apigateway', 'GetDocumentationVersions', 'apigateway:GET', null),
    ('apigateway', 'GetDomainName', 'apigateway:GET', null),
    ('apigateway', 'GetDomainNameAccessAssociations', 'apigateway:GET', null),
    ('apigateway', 'GetDomainNames', 'apigateway:GET', null),
    ('apigateway', 'GetExport', 'apigateway:GET', null),
    ('apigateway', 'GetGatewayResponse', 'apigateway:GET', null),
    ('apigateway', 'GetGatewayResponses', 'apigateway:GET', null),
    ('apigateway', 'GetIntegration', 'apigateway:GET', null),
    ('apigateway', 'GetIntegrationResponse', 'apigateway:GET', null),
    ('apigateway', 'GetIntegrationResponses', 'apigateway:GET', null),
    ('apigateway', 'GetIntegrations', 'apigateway:GET', null),
    ('apigateway', 'GetMethod', 'apigateway:GET', null),
    ('apigateway', 'GetMethodResponse', 'apigateway:GET', null),
    ('apigateway', 'GetModel', 'apigateway:GET', null),
    ('apigateway', 'GetModelTemplate', 'apigateway:GET', null),
    ('apigateway', 'GetModels', 'apigateway:GET', null),
    ('apigateway', 'GetRequestValidator', 'apigateway:GET', null),
    ('apigateway', 'GetRequestValidators', 'apigateway:GET', null),
    ('apigateway', 'GetResource', 'apigateway:GET', null),
    ('apigateway', 'GetResources', 'apigateway:GET', null),
    ('apigateway', 'GetRestApi', 'apigateway:GET', null),
    ('apigateway', 'GetRestApis', 'apigateway:GET', null),
    ('apigateway', 'GetRoute', 'apigateway:GET', null),
    ('apigateway', 'GetRouteResponse', 'apigateway:GET', null),
    ('apigateway', 'GetRouteResponses', 'apigateway:GET', null),
    ('apigateway', 'GetRoutes', 'apigateway:GET', null),
    ('apigateway', 'GetSdk', 'apigateway:GET', null),
    ('apigateway', 'GetSdkType', 'apigateway:GET', null),
    ('apigateway', 'GetSdkTypes', 'apigateway:GET', null),
    ('apigateway', 'GetStage', 'apigateway:GET', null),
    ('apigateway', 'GetStages', 'apigateway:GET', null),
    ('apigateway', 'GetTags', 'apigateway:GET', null),
    ('apigateway', 'GetUsage', 'apigateway:GET', null),
    ('apigateway', 'GetUsagePlan', 'apigateway:GET', null),
    ('apigateway', 'GetUsagePlanKey', 'apigateway:GET', null),
    ('apigateway', 'GetUsagePlanKeys', 'apigateway:GET', null),
    ('apigateway', 'GetUsagePlans', 'apigateway:GET', null),
    ('apigateway', 'GetVpcLink', 'apigateway:GET', null),
    ('apigateway', 'GetVpcLinks', 'apigateway:GET', null),
    ('apigateway', 'ImportApi', 'apigateway:PUT', null),
    ('apigateway', 'ImportApiKeys', 'apigateway:POST', null),
    ('apigateway', 'ImportDocumentationParts', 'apigateway:PUT', null),
    ('apigateway', 'ImportRestApi', 'apigateway:POST', null),
    ('apigateway', 'PutGatewayResponse', 'apigateway:PUT', null),
    ('apigateway', 'PutIntegration', 'apigateway:PUT', null),
    ('apigateway', 'PutIntegrationResponse', 'apigateway:PUT', null),
    ('apigateway', 'PutMethod', 'apigateway:PUT', null),
    ('apigateway', 'PutMethodResponse', 'apigateway:PUT', null),
    ('apigateway', 'PutRestApi', 'apigateway:PUT', null),
    ('apigateway', 'ReimportApi', 'apigateway:PUT', null),
    (
        'apigateway',
        'RejectDomainNameAccessAssociation',
        'apigateway:POST',
        null
    ),
    ('apigateway', 'ResetAuthorizersCache', 'apigateway:DELETE', null),
    ('apigateway', 'TestInvokeAuthorizer', 'apigateway:POST', null),
    ('apigateway', 'TestInvokeMethod', 'apigateway:POST', null),
    ('apigateway', 'UntagResource', 'apigateway:DELETE', null),
    ('apigateway', 'UpdateAccount', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateApi', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateApiKey', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateApiMapping', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateAuthorizer', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateBasePathMapping', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateClientCertificate', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateDeployment', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateDocumentationPart', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateDocumentationVersion', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateDomainName', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateGatewayResponse', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateIntegration', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateIntegrationResponse', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateMethod', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateMethodResponse', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateModel', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateRequestValidator', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateResource', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateRestApi', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateRoute', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateRouteResponse', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateStage', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateUsage', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateUsagePlan', 'apigateway:PATCH', null),
    ('apigateway', 'UpdateVpcLink', 'apigateway:PATCH', null),
    (
        'autoscaling',
        'DeleteScalingPolicy',
        'application-autoscaling:DeleteScalingPolicy',
        null
    ),
    ('autoscaling', 'DeleteScheduledAction', null, null),
    (
        'autoscaling',
        'DeregisterScalableTarget',
        'application-autoscaling:DeregisterScalableTarget',
        null
    ),
    (
        'autoscaling',
        'DescribeScalableTargets',
        'application-autoscaling:DescribeScalableTargets',
        null
    ),
    ('autoscaling', 'DescribeScalingActivities', null, null),
    (
        'autoscaling',
        'DescribeScalingPolicies',
        'application-autoscaling:DescribeScalingPolicies',
        null
    ),
    ('autoscaling', 'DescribeScheduledActions', null, null),
    ('autoscaling', 'PutScalingPolicy', null, null),
    (
        'autoscaling',
        'PutScheduledAction',
        'application-autoscaling:PutScheduledAction',
        null
    ),
    (
        'autoscaling',
        'RegisterScalableTarget',
        'application-autoscaling:RegisterScalableTarget',
        null
    ),
    ('bedrock', 'Converse', 'bedrock:InvokeModel', null),
    (
        'bedrock',
        'ConverseStream',
        'bedrock:InvokeModelWithResponseStream',
        null
    ),
    (
        'bedrock',
        'InvokeModelWithBidirectionalStream',
        'bedrock:InvokeModel',
        null
    ),
    (
        'bedrock',
        'RetrieveAndGenerateStream',
        'bedrock:RetrieveAndGenerate',
        null
    ),
    ('bedrock', 'StartAsyncInvoke', 'bedrock:InvokeModel', null),
    ('budgets', 'CreateBudget', 'budgets:ModifyBudget', null),
    ('budgets', 'CreateNotification', 'budgets:ModifyBudget', null),
    ('budgets', 'CreateSubscriber', 'budgets:ModifyBudget', null),
    ('budgets', 'DeleteBudget', 'budgets:ModifyBudget', null),
    ('budgets', 'DeleteNotification', 'budgets:ModifyBudget', null),
    ('budgets', 'DeleteSubscriber', 'budgets:ModifyBudget', null),
    ('budgets', 'DescribeBudget', 'budgets:ViewBudget', null),
    (
        'budgets',
        'DescribeBudgetNotificationsForAccount',
        'budgets:ViewBudget',
        null
    ),
    ('budgets', 'DescribeBudgetPerformanceHistory', 'budgets:ViewBudget', null),
    ('budgets', 'DescribeBudgets', 'budgets:ViewBudget', null),
    ('budgets', 'DescribeNotificationsForBudget', 'budgets:ViewBudget', null),
    (
        'budgets',
        'DescribeSubscribersForNotification',
        'budgets:ViewBudget',
        null
    ),
    ('budgets', 'UpdateBudget', 'budgets:ModifyBudget', null),
    ('budgets', 'UpdateNotification', 'budgets:ModifyBudget', null),
    ('budgets', 'UpdateSubscriber', 'budgets:ModifyBudget', null),
    ('cassandra', 'CreateKeyspace', 'cassandra:Create', null),
    ('cassandra', 'CreateType', 'cassandra:Create', null),
    ('cassandra', 'DeleteKeyspace', 'cassandra:Drop', null),
    ('cassandra', 'DeleteTable', 'cassandra:Drop', null),
    ('cassandra', 'DeleteType', 'cassandra:Drop', null),
    ('cassandra', 'GetKeyspace', 'cassandra:Select', null),
    ('cassandra', 'GetTable', 'cassandra:Select', null),
    ('cassandra', 'GetTableAutoScalingSettings', 'cassandra:Select', null),
    ('cassandra', 'ListTables', 'cassandra:Select', null),
    ('cassandra', 'ListTypes', 'cassandra:Select', null),
    ('cassandra', 'RestoreTable', 'cassandra:Restore', null),
    ('cassandra', 'UpdateKeyspace', 'cassandra:Alter', null),
    (
        'cloudfront',
        'CreateDistributionWithTags',
        'cloudfront:CreateDistribution',
        null
    ),
    (
        'cloudtrail',
        'ListInsightsMetricData',
        'cloudtrail:ListInsightsData',
        null
    ),
    (
        'detective',
        'ListOrganizationAdminAccounts',
        'detective:ListOrganizationAdminAccount',
        null
    ),
    ('dms', 'DescribeDataProviders', 'dms:ListDataProviders', null),
    (
        'dms',
        'DescribeExtensionPackAssociations',
        'dms:ListExtensionPacks',
        null
    ),
    ('dms', 'DescribeInstanceProfiles', 'dms:ListInstanceProfiles', null),
    (
        'dms',
        'DescribeMetadataModelAssessments',
        'dms:ListMetadataModelAssessments',
        null
    ),
    ('dms', 'DescribeMigrationProjects', 'dms:ListMigrationProjects', null),
    ('dms', 'ModifyDataProvider', 'dms:UpdateDataProvider', null),
    ('dms', 'ModifyInstanceProfile', 'dms:UpdateInstanceProfile', null),
    ('dms', 'ModifyMigrationProject', 'dms:UpdateMigrationProject', null),
    (
        'dms',
        'StartMetadataModelExportAsScript',
        'dms:StartMetadataModelExportAsScripts',
        null
    ),
    ('dynamodb', 'BatchExecuteStatement', null, null),
    ('dynamodb', 'ExecuteStatement', null, null),
    ('dynamodb', 'ExecuteTransaction', null, null),
    ('dynamodb', 'TransactGetItems', 'dynamodb:GetItem', null),
    ('dynamodb', 'TransactWriteItems', null, null),
    ('ec2', 'SharedSnapshotVolumeCreated', null, null),
    ('ecr', 'ListImageReferrers', 'ecr:BatchGetImage', null),
    ('glue', 'BatchGetDataQualityResult', 'glue:GetDataQualityResult', null),
    ('glue', 'CreatePartitionIndex', 'glue:UpdateTable', null),
    (
        'glue',
        'DeleteColumnStatisticsForPartition',
        'glue:UpdatePartition',
        null
    ),
    ('glue', 'DeleteColumnStatisticsForTable', 'glue:UpdateTable', null),
    ('glue', 'DeletePartitionIndex', 'glue:UpdateTable', null),
    ('glue', 'GetColumnStatisticsForPartition', 'glue:GetPartition', null),
    ('glue', 'GetColumnStatisticsForTable', 'glue:GetTable', null),
    (
        'glue',
        'ListDataQualityStatisticAnnotations',
        'glue:GetDataQualityResult',
        null
    ),
    ('glue', 'ListDataQualityStatistics', 'glue:GetDataQualityResult', null),
    (
        'glue',
        'UpdateColumnStatisticsForPartition',
        'glue:UpdatePartition',
        null
    ),
    ('glue', 'UpdateColumnStatisticsForTable', 'glue:UpdateTable', null),
    ('kms', 'ReEncrypt', 'kms:ReEncryptFrom', null),
    ('kms', 'SynchronizeMultiRegionKey', null, null),
    (
        'lakeformation',
        'GetTemporaryDataLocationCredentials',
        'lakeformation:GetDataAccess',
        null
    ),
    ('lambda', 'GetLayerVersionByArn', 'lambda:GetLayerVersion', null),
    ('lambda', 'Invoke', 'lambda:InvokeFunction', null),
    ('lambda', 'InvokeWithResponseStream', 'lambda:InvokeFunction', null),
    (
        'quicksight',
        'DescribeAnalysisDefinition',
        'quicksight:DescribeAnalysis',
        null
    ),
    (
        'quicksight',
        'DescribeDashboardDefinition',
        'quicksight:DescribeDashboard',
        null
    ),
    (
        'quicksight',
        'DescribeTemplateDefinition',
        'quicksight:DescribeTemplate',
        null
    ),
    (
        'redshift-data',
        'GetStatementResultV2',
        'redshift-data:GetStatementResult',
        null
    ),
    ('s3', 'CompleteMultipartUpload', 's3:PutObject', null),
    ('s3', 'CopyObject', 's3:PutObject', null),
    (
        's3',
        'CreateBucketMetadataConfiguration',
        's3:CreateBucketMetadataTableConfiguration',
        null
    ),
    ('s3', 'CreateMultipartUpload', 's3:PutObject', null),
    (
        's3',
        'DeleteAccountPublicAccessBlock',
        's3:PutAccountPublicAccessBlock',
        null
    ),
    (
        's3',
        'DeleteBucketAnalyticsConfiguration',
        's3:PutAnalyticsConfiguration',
        null
    ),
    ('s3', 'DeleteBucketCors', 's3:PutBucketCORS', null),
    ('s3', 'DeleteBucketEncryption', 's3:PutEncryptionConfiguration', null),
    (
        's3',
        'DeleteBucketIntelligentTieringConfiguration',
        's3:PutIntelligentTieringConfiguration',
        null
    ),
    (
        's3',
        'DeleteBucketInventoryConfiguration',
        's3:PutInventoryConfiguration',
        null
    ),
    ('s3', 'DeleteBucketLifecycle', 's3:PutLifecycleConfiguration', null),
    (
        's3',
        'DeleteBucketMetadataConfiguration',
        's3:DeleteBucketMetadataTableConfiguration',
        null
    ),
    (
        's3',
        'DeleteBucketMetricsConfiguration',
        's3:PutMetricsConfiguration',
        null
    ),
    (
        's3',
        'DeleteBucketOwnershipControls',
        's3:PutBucketOwnershipControls',
        null
    ),
    (
        's3',
        'DeleteBucketPublicAccessBlock',
        's3:PutBucketPublicAccessBlock',
        null
    ),
    ('s3', 'DeleteBucketReplication', 's3:PutReplicationConfiguration', null),
    ('s3', 'DeleteBucketTagging', 's3:PutBucketTagging', null),
    ('s3', 'DeleteObject', 's3:DeleteObject', 's3:DeleteObjectVersion'),
    (
        's3',
        'DeleteObjectTagging',
        's3:DeleteObjectTagging',
        's3:DeleteObjectVersionTagging'
    ),
    ('s3', 'DeleteObjects', 's3:DeleteObject', null),
    ('s3', 'DeletePublicAccessBlock', 's3:PutBucketPublicAccessBlock', null),
    (
        's3',
        'GetBucketAccelerateConfiguration',
        's3:GetAccelerateConfiguration',
        null
    ),
    (
        's3',
        'GetBucketAnalyticsConfiguration',
        's3:GetAnalyticsConfiguration',
        null
    ),
    ('s3', 'GetBucketCors', 's3:GetBucketCORS', null),
    ('s3', 'GetBucketEncryption', 's3:GetEncryptionConfiguration', null),
    (
        's3',
        'GetBucketIntelligentTieringConfiguration',
        's3:GetIntelligentTieringConfiguration',
        null
    ),
    (
        's3',
        'GetBucketInventoryConfiguration',
        's3:GetInventoryConfiguration',
        null
    ),
    ('s3', 'GetBucketLifecycle', 's3:GetLifecycleConfiguration', null),
    (
        's3',
        'GetBucketLifecycleConfiguration',
        's3:GetLifecycleConfiguration',
        null
    ),
    (
        's3',
        'GetBucketMetadataConfiguration',
        's3:GetBucketMetadataTableConfiguration',
        null
    ),
    ('s3', 'GetBucketMetricsConfiguration', 's3:GetMetricsConfiguration', null),
    (
        's3',
        'GetBucketNotificationConfiguration',
        's3:GetBucketNotification',
        null
    ),
    ('s3', 'GetBucketReplication', 's3:GetReplicationConfiguration', null),
    ('s3', 'GetObject', 's3:GetObject', 's3:GetObjectVersion'),
    ('s3', 'GetObjectAcl', 's3:GetObjectAcl', 's3:GetObjectVersionAcl'),
    (
        's3',
        'GetObjectLockConfiguration',
        's3:GetBucketObjectLockConfiguration',
        null
    ),
    (
        's3',
        'GetObjectTagging',
        's3:GetObjectTagging',
        's3:GetObjectVersionTagging'
    ),
    ('s3', 'GetObjectTorrent', 's3:GetObject', null),
    ('s3', 'GetPublicAccessBlock', 's3:GetBucketPublicAccessBlock', null),
    ('s3', 'HeadBucket', 's3:ListBucket', null),
    ('s3', 'HeadObject', 's3:GetObject', 's3:GetObjectVersion'),
    (
        's3',
        'ListBucketAnalyticsConfigurations',
        's3:GetAnalyticsConfiguration',
        null
    ),
    (
        's3',
        'ListBucketIntelligentTieringConfigurations',
        's3:GetIntelligentTieringConfiguration',
        null
    ),
    (
        's3',
        'ListBucketInventoryConfigurations',
        's3:GetInventoryConfiguration',
        null
    ),
    (
        's3',
        'ListBucketMetricsConfigurations',
        's3:GetMetricsConfiguration',
        null
    ),
    ('s3', 'ListBuckets', 's3:ListAllMyBuckets', null),
    ('s3', 'ListMultipartUploads', 's3:ListBucketMultipartUploads', null),
    ('s3', 'ListObjectVersions', 's3:ListBucketVersions', null),
    ('s3', 'ListObjects', 's3:ListBucket', null),
    ('s3', 'ListObjectsV2', 's3:ListBucket', null),
    ('s3', 'ListParts', 's3:ListMultipartUploadParts', null),
    (
        's3',
        'PutBucketAccelerateConfiguration',
        's3:PutAccelerateConfiguration',
        null
    ),
    (
        's3',
        'PutBucketAnalyticsConfiguration',
        's3:PutAnalyticsConfiguration',
        null
    ),
    ('s3', 'PutBucketCors', 's3:PutBucketCORS', null),
    ('s3', 'PutBucketEncryption', 's3:PutEncryptionConfiguration', null),
    (
        's3',
        'PutBucketIntelligentTieringConfiguration',
        's3:PutIntelligentTieringConfiguration',
        null
    ),
    (
        's3',
        'PutBucketInventoryConfiguration',
        's3:PutInventoryConfiguration',
        null
    ),
    ('s3', 'PutBucketLifecycle', 's3:PutLifecycleConfiguration', null),
    (
        's3',
        'PutBucketLifecycleConfiguration',
        's3:PutLifecycleConfiguration',
        null
    ),
    ('s3', 'PutBucketMetricsConfiguration', 's3:PutMetricsConfiguration', null),
    (
        's3',
        'PutBucketNotificationConfiguration',
        's3:PutBucketNotification',
        null
    ),
    ('s3', 'PutBucketReplication', 's3:PutReplicationConfiguration', null),
    ('s3', 'PutObjectAcl', 's3:PutObjectAcl', 's3:PutObjectVersionAcl'),
    (
        's3',
        'PutObjectLockConfiguration',
        's3:PutBucketObjectLockConfiguration',
        null
    ),
    (
        's3',
        'PutObjectTagging',
        's3:PutObjectTagging',
        's3:PutObjectVersionTagging'
    ),
    ('s3', 'PutPublicAccessBlock', 's3:PutBucketPublicAccessBlock', null),
    ('s3', 'SelectObjectContent', 's3:GetObject', null),
    ('s3', 'UploadPart', 's3:PutObject', null),
    ('s3', 'UploadPartCopy', 's3:PutObject', null),
    ('secretsmanager', 'CancelSecretVersionDelete', null, null),
    ('secretsmanager', 'EndSecretVersionDelete', null, null),
    ('secretsmanager', 'RotationAbandoned', null, null),
    ('secretsmanager', 'RotationFailed', null, null),
    ('secretsmanager', 'RotationStarted', null, null),
    ('secretsmanager', 'RotationSucceeded', null, null),
    ('secretsmanager', 'StartSecretVersionDelete', null, null),
    (
        'securityhub',
        'BatchUpdateFindingsV2',
        'securityhub:BatchUpdateFindings',
        null
    ),
    (
        'securityhub',
        'GetFindingStatisticsV2',
        'securityhub:GetAdhocInsightResults',
        null
    ),
    ('securityhub', 'GetFindingsV2', 'securityhub:GetFindings', null),
    ('signin', 'CheckMfa', null, null),
    ('signin', 'ConsoleLogin', null, null),
    ('signin', 'SwitchRole', null, null),
    ('signin', 'UserAuthentication', null, null),
    ('sns', 'PublishBatch', 'sns:Publish', null),
    (
        'sqs',
        'ChangeMessageVisibilityBatch',
        'sqs:ChangeMessageVisibility',
        null
    ),
    ('sqs', 'DeleteMessageBatch', 'sqs:DeleteMessage', null),
    ('sqs', 'SendMessageBatch', 'sqs:SendMessage', null),
    ('timestream', 'PrepareQuery', 'timestream:Select', null),
    ('timestream', 'Query', 'timestream:Select', null)
)

select
    service || '.amazonaws.com' as event_source,
    operation,
    iam_action,
    version_action
from names
