"""What was refused in the made-up organization, and what has to be said of each refusal.

The expectations were written from the policies in `organization` and from AWS's rules of
evaluation; they are no output. Where the rules do not settle a call, because a policy is in no
export or because what a role session or a service shows of MFA is not known, nothing is proven.
"""

from __future__ import annotations

# Each refusal takes two lines. The first:
#
#   id | caller | action | resource | AWS's message | cause, certainty, mfa_would_allow | needs
#
# caller    key, mfa (fresh), old (MFA three hours ago), nomfa or console (both without MFA), and a
#           user; role or limited (by a session policy), and a role; another identity
# message   bare (Access Denied); - (no reason); deny or none, and the kind of policy, which AWS
#           may name; another text
# needs     without which the claim could be another one: all that binds the call; caller (the
#           user or role with all its policies); self (its own entry); on (the resource's policy);
#           scp; rcp; a managed policy
#
# The second: why.
TABLE = """\
ana-buckets | key ana | s3:ListAllMyBuckets | - | deny identity MFA_Forced | long_term_key proven yes | all
    Her group's policy in the recommended form stops the key; the group allows s3:List*.
ana-object | key ana | s3:GetObject | reports/q2.csv | bare | long_term_key proven yes | all
    An old message is enough where an explicit deny is evaluated, and the group allows s3:Get*.
ana-instances | console ana | ec2:DescribeInstances | - | deny identity MFA_Forced | session_without_mfa proven yes | all
    A console session without MFA; ec2:Describe* is allowed.
ana-run | key ana | ec2:RunInstances | instance | deny identity MFA_Forced | mfa_not_sufficient proven no | caller
    With MFA nothing allows her to start an instance.
ana-drop | key ana | dynamodb:DeleteTable | table | deny scp MfaForDestruction | long_term_key proven yes | all
    Service control policy and group both ask for MFA, and both are content with it.
ana-stop | key ana | cloudtrail:StopLogging | trail | deny scp ProtectTrail | mfa_not_sufficient proven no | scp caller
    MFA_Forced denies as well, but ProtectTrail denies with MFA too.
ana-stop-mfa | mfa ana | cloudtrail:StopLogging | trail | deny scp ProtectTrail | service_control_policy proven no | scp
    With MFA the service control policy alone is left.
ana-far | mfa ana | ec2:DescribeInstances | - | deny scp RegionLock | service_control_policy proven no | scp
    Mumbai is not among the two regions.
ana-delete | key ana | s3:DeleteObject | reports/q2.csv | deny identity MFA_Forced | mfa_not_sufficient inferred no |
    With MFA no policy allows it; an access control list might, but with MFA it was refused, too.
ana-delete-told | mfa ana | s3:DeleteObject | reports/q2.csv | none identity | no_permission proven no | caller on
    AWS itself says that nothing allows it; the group has no s3:DeleteObject.
ana-delete-bare | mfa ana | s3:DeleteObject | reports/q2.csv | bare | undetermined unknown null |
    Of a missing Allow in S3 a message without a reason tells nothing.
ana-purge | key ana | sqs:PurgeQueue | queue | deny resource | long_term_key proven yes | all
    The queue's policy and the group's ask for MFA; sqs:* is allowed.
ana-secret-delete | key ana | secretsmanager:DeleteSecret | secret | deny rcp SecretsMfa | long_term_key proven yes | all
    A resource control policy asks for MFA.
ana-audit | mfa ana | s3:DeleteObject | audit-trail/a.log | deny rcp ProtectAudit | resource_control_policy proven no | rcp
    Nobody deletes there.
ana-self | key ana | iam:GetUser | user ana | none identity | no_permission proven no | caller
    NotAction leaves iam:GetUser out of the deny, and nothing allows it.
ana-secret | mfa ana | secretsmanager:GetSecretValue | secret | deny resource | resource_policy proven no | on
    The secret's policy denies everyone but one role.
ana-decrypt | mfa ana | kms:Decrypt | closed-key | none resource | resource_policy proven no | on
    A key policy that does not leave it to the account has to name her itself.
ana-admin | key ana | sts:AssumeRole | role Admin | deny identity MFA_Forced | long_term_key proven yes | all
    Group and trust policy both ask for MFA; sts:AssumeRole is allowed.
ana-read-only | key ana | sts:AssumeRole | role ReadOnly | - | long_term_key proven yes | all
    The trust policy asks for nothing; her group does.
ana-athena | athena | s3:GetObject | reports/q2.csv | deny identity MFA_Forced | session_without_mfa inferred null |
    A service called with her session: what the policy saw of MFA is not known.
ana-partner | key ana | s3:ListBucket | partner-exchange | bare | undetermined unknown null |
    The policy of that bucket is not in the evidence.
ana-stale | key ana | s3:GetObject | reports/q2.csv | deny identity RegionLock | undetermined unknown null |
    AWS names a policy that she does not have in the export: it is of another day.
ana-central | key ana | s3:GetObject | central-logs/shared/a | deny identity MFA_Forced | long_term_key proven yes | all
    The other account's bucket lets this account in, its policy is in that account's folder.
ana-private | mfa ana | s3:GetObject | central-logs/private/a | none resource | resource_policy proven no | on
    Across accounts the bucket's policy has to allow as well, and does not.
ana-vault | key ana | s3:GetObject | vault/plan.pdf | deny identity MFA_Forced | long_term_key proven yes | all
    NotPrincipal spares her: user and account are both named.
ben-vault | key ben | s3:GetObject | vault/plan.pdf | deny identity MFA_Forced | mfa_not_sufficient proven no | caller on
    Whoever has a permissions boundary is denied by NotPrincipal, named or not.
ben-item | mfa ben | dynamodb:GetItem | table | none boundary | permissions_boundary proven no | self DevBoundary
    The group allows DynamoDB, the boundary does not.
ben-item-key | key ben | dynamodb:GetItem | table | deny identity MFA_Forced | mfa_not_sufficient proven no | caller on
    MFA is asked for, and the boundary stands behind it.
ben-object | key ben | s3:GetObject | reports/q2.csv | - | long_term_key proven yes | all
    Group and boundary both allow S3.
ben-audit | key ben | s3:GetObject | audit-trail/a.log | - | long_term_key proven yes | all
    The resource control policy speaks of deleting only.
chloe-buckets | nomfa chloe | s3:ListAllMyBuckets | - | deny identity MFA_Legacy | session_without_mfa proven yes | all
    Bool stops sessions without MFA.
chloe-create | key chloe | iam:CreateUser | user new | none identity | no_permission proven no | caller
    Bool does not touch keys; what is missing is a permission.
chloe-create-console | console chloe | iam:CreateUser | user new | deny identity MFA_Legacy | mfa_not_sufficient proven no | caller
    With MFA the permission is still missing.
chloe-ledger | key chloe | s3:PutObject | ledger/2026.csv | deny resource | long_term_key proven yes | all
    Her own policy lets keys pass, the bucket's does not.
chloe-payroll | key chloe | s3:GetObject | payroll/june.csv | deny resource | resource_policy proven no | on
    The bucket denies everyone but two principals.
chloe-payroll-mfa | mfa chloe | s3:GetObject | payroll/june.csv | bare | resource_policy proven no | on
    An explicit deny stands, whatever the message says.
chloe-payroll-console | console chloe | s3:GetObject | payroll/june.csv | deny identity MFA_Legacy | mfa_not_sufficient proven no | caller on
    Both deny; one of them would be content with MFA.
chloe-payroll-bare | console chloe | s3:GetObject | payroll/june.csv | bare | mfa_not_sufficient proven no | caller on
    The same, told by a message without a reason.
dan-users | key dan | iam:ListUsers | - | none identity | long_term_key proven yes | all
    His Allow demands MFA: an implicit denial, and MFA is what it lacks.
dan-instances | console dan | ec2:DescribeInstances | - | none identity | session_without_mfa proven yes | all
    The same in the console.
dan-object | key dan | s3:GetObject | reports/q2.csv | none identity | long_term_key proven yes | all
    The same in S3, where the message says that nothing else allows it.
dan-object-bare | key dan | s3:GetObject | reports/q2.csv | bare | undetermined unknown null |
    Without that message an access control list is possible.
dan-scan | mfa dan | dynamodb:Scan | table | none identity | no_permission proven no | caller on
    Auditors have nothing in DynamoDB.
dan-scan-key | key dan | dynamodb:Scan | table | none identity | no_permission proven no | caller on
    Not even with MFA: so it has no part in it.
dan-payroll | key dan | s3:GetObject | payroll/june.csv | deny resource | resource_policy proven no | on
    An explicit deny ends the evaluation before his Allow matters.
eva-create | key eva | iam:CreateUser | user new | none identity | long_term_key proven yes | all
    Her Allow demands MFA of the last hour; a key has none.
eva-create-old | old eva | iam:CreateUser | user new | none identity | mfa_expired proven yes | all
    Hers is three hours old.
eva-roles | console eva | iam:ListRoles | - | none identity | session_without_mfa proven yes | all
    No MFA, no age.
eva-delete-old | old eva | iam:DeleteUser | user former | none identity | mfa_expired proven yes | all
    The service control policy is content with old MFA, her Allow is not.
eva-instances | old eva | ec2:DescribeInstances | - | none identity | no_permission proven no | caller
    Operators have nothing in EC2.
eva-admin | key eva | sts:AssumeRole | role Admin | - | long_term_key proven yes | all
    The trust policy demands MFA, and the request carried no code.
eva-unrecorded | key eva | sts:AssumeRole | role Admin | - | undetermined unknown null |
    The record does not hold the request: it may have carried a code.
eva-break-glass | old eva | sts:AssumeRole | role BreakGlass | - | mfa_expired proven yes | all
    The trust policy demands MFA of the last quarter of an hour.
eva-deploy | key eva | sts:AssumeRole | role Deploy | none trust | trust_policy proven no | on
    It trusts ana alone.
eva-partner | key eva | sts:AssumeRole | role Partner | - | trust_policy proven no | on
    It trusts another account alone.
eva-release | key eva | sts:AssumeRole | role Release | none trust | trust_policy proven no | on
    It trusts a role.
finn-update | old finn | dynamodb:UpdateTable | table | deny identity | mfa_expired proven yes | all
    An age condition of half an hour in a Deny.
finn-update-key | key finn | dynamodb:UpdateTable | table | deny identity | long_term_key proven yes | all
    IfExists: the deny meets keys too.
finn-drop | key finn | dynamodb:DeleteTable | table | deny scp MfaForDestruction | long_term_key proven yes | all
    Nothing but the service control policy asks for MFA.
gina-item | key gina | dynamodb:DeleteItem | table | deny identity NoDelete link | explicit_deny proven no | self NoDelete
    A deny without an MFA part.
gina-object | mfa gina | s3:DeleteObject | reports/q2.csv | deny identity NoDelete | explicit_deny proven no | self NoDelete
    The same with MFA.
gina-drop | key gina | dynamodb:DeleteTable | table | deny identity NoDelete | mfa_not_sufficient proven no | self NoDelete scp
    The service control policy asks for MFA, NoDelete denies all the same.
gina-far | key gina | ec2:RunInstances | instance | deny scp RegionLock | service_control_policy proven no | scp
    An administrator outside the regions.
gina-far-item | key gina | dynamodb:DeleteItem | far-table | deny identity NoDelete | explicit_deny proven no | self NoDelete on
    Region and NoDelete both deny: AWS names the identity-based one.
gina-central | key gina | s3:DeleteObject | central-logs/private/a | deny identity NoDelete | explicit_deny proven no | self NoDelete
    Her own deny needs nothing of the other account.
gina-vault | mfa gina | s3:GetObject | vault/plan.pdf | deny resource | resource_policy proven no | on
    NotPrincipal names her account, but another user: AWS's guide says that she is denied.
gina-get | key gina | dynamodb:GetItem | table | - | undetermined unknown null |
    The policies allow it: they have changed since.
gina-endpoint | key gina | s3:GetObject | reports/q2.csv | none vpc_endpoint | vpc_endpoint_policy stated null |
    An endpoint's policy is in no export.
gina-endpoint-scp | key gina | s3:GetObject | reports/q2.csv | deny vpc_scp | vpc_endpoint_policy stated null |
    The long form of the same.
gina-endpoint-code | key gina | kms:ListKeys | - | endpoint | vpc_endpoint_policy stated null |
    The error code tells it.
gina-model | key gina | bedrock:InvokeModel | - | model | not_authorization stated no |
    Access to a model is a setting.
hugo-users | key hugo | iam:ListUsers | - | deny identity | long_term_key proven yes | all
    A ban on keys that have no time of issue.
hugo-object | key hugo | s3:GetObject | reports/q2.csv | bare | long_term_key proven yes | all
    The same, told by an old message.
hugo-block | key hugo | s3:PutBucketPublicAccessBlock | reports | bare | long_term_key proven yes | all
    The action is called as the event is: AWS's list of actions has it.
hugo-role | key hugo | sts:AssumeRole | role HugoOnly | deny identity | long_term_key proven yes | all
    The trust policy names him: he needs no permission of his own, and it demands MFA.
iris-item | key iris | dynamodb:GetItem | table | deny identity | explicit_deny proven no | self
    Her address is not the office's.
iris-object | mfa iris | s3:GetObject | reports/q2.csv | bare | explicit_deny proven no | self
    Nor is it with MFA.
iris-endpoint | key iris | s3:GetObject | reports/q2.csv | deny identity | explicit_deny proven no | self
    Through an endpoint there is no address, and NotIpAddress holds.
jon-far | key jon | rds:DescribeDBInstances | - | deny identity | explicit_deny proven no | self
    His own policy keeps him in one region.
jon-stop | key jon | ec2:StopInstances | instance | deny identity encoded | explicit_deny proven no | self
    The same, with an encoded message behind the words.
jon-drop | key jon | rds:DeleteDBInstance | db | deny scp MfaForDestruction | service_control_policy stated null |
    To delete a database may take a snapshot, too: with MFA it is not known.
jon-guarded | key jon | sts:AssumeRole | role Guarded | deny trust | trust_policy proven no | on
    The trust policy lets the account in and him out.
kim-other | key kim | s3:GetObject | homes/liam/notes.txt | none identity | no_permission proven no | caller on
    Her variable is her own name.
kim-put | key kim | s3:PutObject | homes/kim/cv.pdf | none identity | long_term_key proven yes | all
    Her own folder; writing demands MFA.
kim-list | key kim | s3:ListBucket | homes | none identity | no_permission proven no | caller on
    The record tells the prefix: it is another's.
liam-get | key liam | s3:GetObject | exchange/in.csv | deny identity MFA_Forced | long_term_key proven yes | all
    With MFA the bucket's policy, which names him, carries him across his boundary.
liam-put | mfa liam | s3:PutObject | exchange/out.csv | none boundary | permissions_boundary proven no | self LiamBoundary
    What the bucket gives to the account does not.
liam-put-key | key liam | s3:PutObject | exchange/out.csv | deny identity MFA_Forced | mfa_not_sufficient inferred no |
    With MFA no policy lets it pass; an access control list might, but with MFA it was refused, too.
mia-item | key mia | dynamodb:GetItem | table | none identity | long_term_key proven yes | all
    Her tag is as her Allow wants it; MFA is what is missing.
mia-db | key mia | rds:DescribeDBInstances | db | none identity | no_permission inferred null |
    The database's tags are in no export.
noah-query | key noah | dynamodb:Query | table | deny identity MFA_NullKey | long_term_key proven yes | all
    Null bans keys.
noah-instances | nomfa noah | ec2:DescribeInstances | - | none identity | no_permission proven no | caller
    A session has the key, so Null lets it pass; a permission is missing.
olga-scan | nomfa olga | dynamodb:Scan | table | none identity | session_without_mfa proven yes | all
    BoolIfExists in an Allow stops sessions alone.
olga-clusters | key olga | rds:DescribeDBClusters | - | none identity | no_permission proven no | caller
    The key passes, and has nothing in RDS.
pete-scan | key pete | dynamodb:Scan | table | none identity | long_term_key proven yes | all
    An Allow for temporary sessions only.
quinn-roles | key quinn | iam:ListRoles | - | none boundary | long_term_key proven yes | all
    The boundary demands MFA.
quinn-scan | console quinn | dynamodb:Scan | table | none boundary | session_without_mfa proven yes | all
    The same in the console.
rosa-databases | key rosa | rds:DescribeDBInstances | - | deny identity MFA_ButForServices | long_term_key proven yes | all
    She calls herself, so the exception for services does not help.
rosa-run | key rosa | ec2:RunInstances | instance | deny identity MFA_ButForServices | long_term_key inferred null |
    To start an instance takes several permissions on several resources.
rosa-log | key rosa | cloudtrail:StartLogging | trail | deny identity MFA_ButForServices | long_term_key proven yes | all
    ProtectTrail does not speak of starting.
sam-instances | key sam | ec2:DescribeInstances | - | none identity | no_permission proven no | caller
    He has no policies at all.
sam-buckets | key sam | s3:ListAllMyBuckets | - | bare | undetermined unknown null |
    S3 gives no reason.
sam-decrypt | key sam | kms:Decrypt | open-key | none identity | no_permission proven no | caller on
    The key's policy leaves it to the account.
sam-decrypt-silent | key sam | kms:Decrypt | open-key | - | undetermined unknown null |
    A grant is possible.
sam-secret | key sam | secretsmanager:GetSecretValue | test-secret | none identity | no_permission proven no | caller on
    The secret has no policy.
sam-queue | key sam | sqs:SendMessage | queue | none identity | no_permission proven no | caller on
    The queue names another user.
sam-admin | key sam | sts:AssumeRole | role Admin | - | mfa_not_sufficient proven no | caller on
    The trust policy demands MFA, and leaves the rest to a permission that he lacks.
sam-unrecorded | key sam | sts:AssumeRole | role Admin | - | no_permission inferred no |
    With MFA it is refused, too; as it is not recorded whether the request carried a code, MFA may have a part in it besides.
sam-billing | key sam | aws-portal:ViewBilling | - | billing | not_authorization stated no |
    The account's owner has to open billing to users.
sam-code | key sam | sts:GetSessionToken | - | code | not_authorization stated no |
    A code was typed wrong.
tara-create | mfa tara | iam:CreateUser | user new | deny boundary NoIamWrites | permissions_boundary proven no | self NoIamWrites
    The boundary denies.
tara-delete | key tara | iam:DeleteUser | user former | deny scp MfaForDestruction | mfa_not_sufficient proven no | self NoIamWrites scp
    The service control policy asks for MFA, the boundary denies with it too.
uma-query | key uma | dynamodb:Query | table | deny identity | long_term_key proven yes | all
    Keys are for the office only; a session may come from anywhere.
uma-users | key uma | iam:ListUsers | - | none identity | no_permission proven no | caller
    From the office the key passes, and has nothing in IAM.
vera-key | key vera | kms:ScheduleKeyDeletion | closed-key | none resource | long_term_key proven yes | all
    The key's policy names her, and demands MFA.
vera-key-session | nomfa vera | kms:ScheduleKeyDeletion | closed-key | none resource | session_without_mfa proven yes | all
    The same in a session.
deploy-item | role Deploy | dynamodb:DeleteItem | table | none identity | no_permission proven no | caller on
    The role reads items only; nothing asks for MFA.
deploy-drop | role Deploy | dynamodb:DeleteTable | table | deny scp MfaForDestruction | service_control_policy stated null |
    Whether policies can see MFA in a role session is doubtful.
deploy-limited | limited Deploy | s3:PutObject | reports/q2.csv | none session | session_policy stated null |
    The session was opened with a policy of its own.
deploy-limited-deny | limited Deploy | s3:PutObject | reports/q2.csv | deny sessions | session_policy stated null |
    The same, denied in the plural that AWS writes.
deploy-release | role Deploy | sts:AssumeRole | role Release | - | undetermined unknown null |
    A chain of roles to a trust policy that demands MFA: what it saw is doubtful.
deploy-partner | role Deploy | sts:AssumeRole | role Partner | none trust | trust_policy proven no | on
    The role trusts another account.
readonly-object | role ReadOnly | s3:GetObject | reports/q2.csv | deny identity MFA_Forced | session_without_mfa inferred null |
    The policy's name speaks of MFA; what it saw is doubtful.
readonly-scan | role ReadOnly | dynamodb:Scan | table | - | undetermined unknown null |
    Nothing allows it, but whether the MFA policy denied as well hangs on what it saw.
web-send | role service/web | sqs:SendMessage | queue | none identity | no_permission proven no | caller on
    The instance's role receives only.
web-audit | role service/web | s3:DeleteObject | audit-trail/a.log | deny rcp ProtectAudit | resource_control_policy proven no | rcp
    It may do all in S3, but not there.
batch-write | role batch | dynamodb:PutItem | table | - | undetermined unknown null |
    Whether Bool sees a key in a role session, and so denies, or finds none, is doubtful.
batch-scan | role batch | dynamodb:Scan | table | none identity | no_permission proven no | caller on
    AWS says that nothing denied: so Bool found no key, and a permission is missing.
thumbnails-put | role service-role/thumbnails | dynamodb:PutItem | table | deny identity MFA_Forced | session_without_mfa proven yes | all
    The policy for people is attached to a function's role; absent or false, it denies.
sso-scan | role SSO | dynamodb:Scan | table | none identity | no_permission proven no | caller on
    The permission set reads S3 only.
engineer-scan | role CorpEngineer | dynamodb:Scan | table | deny identity MFA_Forced | session_without_mfa proven yes | all
    A federated session has no key of MFA, and BoolIfExists denies it.
legacy-scan | role CorpLegacy | dynamodb:Scan | table | none identity | no_permission proven no | caller on
    Bool lets it pass; a permission is missing.
root-instances | root | ec2:DescribeInstances | - | deny scp RootGuard | service_control_policy proven no | scp
    The organization keeps member accounts' root out of EC2.
root-delete | root | iam:DeleteUser | user former | deny scp MfaForDestruction | long_term_key proven yes | all
    Root needs no permission, but a service control policy binds it.
root-version | root | s3:DeleteObjectVersion | reports/q2.csv | mfa-delete | not_authorization stated no |
    MFA Delete wants the code in the request itself.
zoe-users | key zoe | iam:ListUsers | - | deny identity MFA_Forced | long_term_key proven yes | all
    The management account's own policy of the same name.
zoe-stop | key zoe | cloudtrail:StopLogging | logs-trail | deny identity MFA_Forced | long_term_key proven yes | all
    ProtectTrail does not bind the management account.
zoe-instances | mfa zoe | ec2:DescribeInstances | - | none identity | no_permission proven no | caller
    Admins there have IAM and CloudTrail.
yan-create | key yan | iam:CreateUser | user new | none identity | no_permission proven no | caller
    He reads IAM only.
delivery | delivery | s3:PutObject | reports/log | bare | service_request stated null |
    A service on its own behalf.
linked-role | linked | ec2:DescribeInstances | - | none identity | service_request stated null |
    A service-linked role is the service's own.
gone | gone | ec2:DescribeInstances | - | - | undetermined unknown null |
    The user is not in the export.
stranger | stranger | s3:GetObject | reports/q2.csv | bare | undetermined unknown null |
    Another account's caller: its policies are not known.
anonymous | anonymous | s3:GetObject | reports/q2.csv | bare | undetermined unknown null |
    Unsigned, and S3 gives no reason.
"""
