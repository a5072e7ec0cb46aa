-- error_codes: one row for each error code that says who may not, not what went wrong
--
-- error_code  last part of CloudTrail's errorCode: Client.AuthFailure is AuthFailure
-- meaning     denial: refused by authorization; bad_credentials: refused by authentication
--
-- Sources: the Common Errors pages of the services' API references, EC2's error codes
-- (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html), S3's
-- (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).
with codes (error_code, meaning) as (
    values
    ('AccessDenied', 'denial'),
    ('AccessDeniedException', 'denial'),
    ('AccessDeniedForDependencyException', 'denial'),
    ('AuthorizationError', 'denial'),
    ('AuthorizationErrorException', 'denial'),
    ('EC2AccessDeniedException', 'denial'),
    ('Forbidden', 'denial'),
    ('ForbiddenException', 'denial'),
    ('KMSAccessDeniedException', 'denial'),
    ('KmsAccessDenied', 'denial'),
    ('NotAuthorized', 'denial'),
    ('NotAuthorizedException', 'denial'),
    ('OperationNotPermitted', 'denial'),
    ('UnauthorizedException', 'denial'),
    ('UnauthorizedOperation', 'denial'),
    ('VpceAccessDenied', 'denial'),
    ('AuthFailure', 'bad_credentials'),
    ('ExpiredToken', 'bad_credentials'),
    ('ExpiredTokenException', 'bad_credentials'),
    ('InvalidAccessKeyId', 'bad_credentials'),
    ('InvalidClientTokenId', 'bad_credentials'),
    ('InvalidSignatureException', 'bad_credentials'),
    ('InvalidToken', 'bad_credentials'),
    ('MissingAuthenticationToken', 'bad_credentials'),
    ('SignatureDoesNotMatch', 'bad_credentials'),
    ('UnrecognizedClientException', 'bad_credentials')
)

select
    error_code,
    meaning
from codes
