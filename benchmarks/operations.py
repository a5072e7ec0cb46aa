"""What is called in a made-up trail: a call a function, with the parameters of its service.

Shapes and sizes follow real records; names, accounts and ids are made up. Texts are put together by
hand, as `json.dumps` for each record would take longer than all the rest.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

__all__ = ["BUCKETS", "Asked", "Call", "Draw", "asked_for", "bucket_acl", "policy"]

BUCKETS = 200


class Draw:
    """What chance gives: numbers, ids and names as AWS forms them."""

    def __init__(self, seed: str) -> None:
        self._chance = Random(seed)  # noqa: S311
        self.random = self._chance.random
        self.choices = self._chance.choices

    def below(self, end: int) -> int:
        """Return a number from 0 to `end`, without it."""
        return int(self.random() * end)

    def uuid(self) -> str:
        """Return an id with dashes."""
        text = f"{self._chance.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def hexadecimal(self, digits: int) -> str:
        """Return so many hexadecimal digits."""
        return f"{self._chance.getrandbits(4 * digits):0{digits}x}"

    def capitals(self, digits: int) -> str:
        """Return so many digits, in capitals."""
        return f"{self._chance.getrandbits(4 * digits):0{digits}X}"

    def opaque(self, size: int) -> str:
        """Return so many bytes in base64: what no reader can understand, nor gzip shorten."""
        return b64encode(self._chance.randbytes(size)).decode()


class Call(NamedTuple):
    """One call, with the parts of its record that hang on the service.

    Attributes
    ----------
    source, name
        Service and operation.
    request, answer
        JSON of ``requestParameters`` and ``responseElements``.
    more
        JSON of ``additionalEventData``; empty where the service adds nothing.
    resources
        JSON of ``resources``; empty where the record has none.
    reads, data
        Whether it only reads; whether it is a data event.
    version
        ``apiVersion``, where the record has it.
    """

    source: str
    name: str
    request: str = "null"
    answer: str = "null"
    more: str = ""
    resources: str = ""
    reads: bool = True
    data: bool = False
    version: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and where: ``home`` is the number of the caller, who owns the buckets after it."""

    draw: Draw
    account: str
    region: str
    home: int


Operation = Callable[[Asked], Call]


def asked_for(asked: Asked) -> Call:
    """Return a call, drawn from those that the region has."""
    operations = _GLOBAL if asked.region == "us-east-1" else _REGIONAL
    return operations[asked.draw.below(len(operations))](asked)


def bucket_acl(asked: Asked, bucket: int) -> Call:
    """Return a call that asks who may use a bucket."""
    return Call("s3", "GetBucketAcl", *_on_bucket(asked, f"bucket-{bucket}", '"acl":""'))


def policy(draw: Draw, quote: str = '"') -> str:
    """Return a policy document; with quotes that are escaped it can stand inside a JSON string."""
    statements = [
        f"{{~Sid~:~Team{n}~,~Effect~:~Allow~,~Action~:[~s3:GetObject~,~s3:PutObject~,~s3:ListBucket~],"
        f"~Resource~:[~arn:aws:s3:::bucket-{draw.below(BUCKETS)}~,"
        f"~arn:aws:s3:::bucket-{draw.below(BUCKETS)}/*~],"
        f"~Condition~:{{~BoolIfExists~:{{~aws:MultiFactorAuthPresent~:~true~}}}}}}"
        for n in range(3 + draw.below(20))
    ]
    document = f"{{~Version~:~2012-10-17~,~Statement~:[{','.join(statements)}]}}"
    return document.replace("~", quote)


def _host(asked: Asked, bucket: str) -> str:
    return f"{bucket}.s3.{asked.region}.amazonaws.com"


def _transfer(asked: Asked, bytes_in: int, bytes_out: int, encrypted: str = "") -> str:
    return (
        '{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256",'
        f'"bytesTransferredIn":{bytes_in},{encrypted}"AuthenticationMethod":"AuthHeader",'
        f'"x-amz-id-2":"{asked.draw.opaque(56)}","bytesTransferredOut":{bytes_out}}}'
    )


def _on_bucket(asked: Asked, bucket: str, parameters: str) -> tuple[str, str, str, str]:
    """Return request, answer, additional data and resources."""
    request = f'{{"bucketName":"{bucket}","Host":"{_host(asked, bucket)}",{parameters}}}'
    resource = f'"type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::{bucket}"'
    resources = f'[{{"accountId":"{asked.account}",{resource}}}]'
    return request, "null", _transfer(asked, 0, 400 + asked.draw.below(600)), resources


def _object(asked: Asked) -> tuple[str, str]:
    """Return a bucket and a key; half of the objects are asked for again and again."""
    draw = asked.draw
    bucket = (asked.home + draw.below(3)) % BUCKETS
    n = draw.below(40) if draw.below(2) else draw.below(1 << 40)
    # Some keys are no ASCII, and some need an escape.
    folder = "reports" if bucket % 50 else 'données/\\"été\\"'
    return f"bucket-{bucket}", f"{folder}/2026/06/part-{n}.csv"


def _get_object(asked: Asked) -> Call:
    return _object_call(asked, "GetObject", '"key":"{}"', out=asked.draw.below(1 << 24))


def _head_object(asked: Asked) -> Call:
    return _object_call(asked, "HeadObject", '"key":"{}"', out=0)


def _put_object(asked: Asked) -> Call:
    encryption = '"x-amz-server-side-encryption":"AES256"'
    call = _object_call(asked, "PutObject", f'{encryption},"key":"{{}}"', out=0)
    expiry = (
        '"x-amz-expiration":"expiry-date=\\"Mon, 31 Aug 2026 00:00:00 GMT\\", rule-id=\\"all\\""'
    )
    more = _transfer(asked, asked.draw.below(1 << 24), 0, '"SSEApplied":"SSE_S3",')
    return call._replace(answer=f"{{{encryption},{expiry}}}", more=more, reads=False)


def _object_call(asked: Asked, name: str, parameters: str, *, out: int) -> Call:
    bucket, key = _object(asked)
    return Call(
        "s3",
        name,
        f'{{"bucketName":"{bucket}","Host":"{_host(asked, bucket)}",{parameters.format(key)}}}',
        "null",
        _transfer(asked, 0, out, '"SSEApplied":"Default_SSE_S3",'),
        f'[{{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::{bucket}/{key}"}},{{"accountId":'
        f'"{asked.account}","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::{bucket}"}}]',
        data=True,
    )


def _list_objects(asked: Asked) -> Call:
    bucket, key = _object(asked)
    folder = f'"list-type":"2","prefix":"{key[: key.rindex("/") + 1]}"'
    return Call("s3", "ListObjects", *_on_bucket(asked, bucket, folder), data=True)


def _list_buckets(asked: Asked) -> Call:
    request = f'{{"Host":"s3.{asked.region}.amazonaws.com"}}'
    return Call("s3", "ListBuckets", request, "null", _transfer(asked, 0, 768))


def _get_bucket_acl(asked: Asked) -> Call:
    return bucket_acl(asked, (asked.home + asked.draw.below(3)) % BUCKETS)


def _put_bucket_policy(asked: Asked) -> Call:
    if asked.draw.below(6):  # such writes are rare
        return _get_object(asked)
    bucket = f"bucket-{asked.home % BUCKETS}"
    parameters = f'"bucketPolicy":{policy(asked.draw)},"policy":""'
    return Call("s3", "PutBucketPolicy", *_on_bucket(asked, bucket, parameters), reads=False)


def _describe_instances(asked: Asked) -> Call:
    draw = asked.draw
    if draw.below(2):
        return Call(
            "ec2", "DescribeInstances", '{"maxResults":1000,"instancesSet":{},"filterSet":{}}'
        )
    ids = ",".join(f'{{"instanceId":"i-{draw.hexadecimal(17)}"}}' for _ in range(1 + draw.below(5)))
    state = '{"items":[{"name":"instance-state-name","valueSet":{"items":[{"value":"running"}]}}]}'
    request = f'{{"instancesSet":{{"items":[{ids}]}},"filterSet":{state}}}'
    return Call("ec2", "DescribeInstances", request)


def _describe_groups(asked: Asked) -> Call:
    group = f'{{"items":[{{"groupId":"sg-{asked.draw.hexadecimal(17)}"}}]}}'
    request = f'{{"securityGroupSet":{{}},"securityGroupIdSet":{group},"filterSet":{{}}}}'
    return Call("ec2", "DescribeSecurityGroups", request)


def _start_instances(asked: Asked) -> Call:
    machine = f'"instanceId":"i-{asked.draw.hexadecimal(17)}"'
    states = (
        '"currentState":{"code":0,"name":"pending"},"previousState":{"code":80,"name":"stopped"}'
    )
    answer = (
        f'{{"requestId":"{asked.draw.uuid()}","instancesSet":{{"items":[{{{machine},{states}}}]}}}}'
    )
    request = f'{{"instancesSet":{{"items":[{{{machine}}}]}}}}'
    return Call("ec2", "StartInstances", request, answer, reads=False)


def _run_instances(asked: Asked) -> Call:
    draw = asked.draw
    if draw.below(6):
        return _describe_groups(asked)
    token, image, number = draw.uuid(), f"ami-{draw.hexadecimal(17)}", 1 + draw.below(4)
    tags = f'{{"items":[{{"key":"Team","value":"team-{asked.home % 40}"}},{{"key":"Name","value":"worker"}}]}}'
    request = (
        f'{{"instancesSet":{{"items":[{{"imageId":"{image}","minCount":{number},"maxCount":{number}}}]}},'
        '"userData":"<sensitiveDataRemoved>","instanceType":"t3.micro","blockDeviceMapping":{},'
        '"monitoring":{"enabled":false},"disableApiTermination":false,"disableApiStop":false,'
        f'"clientToken":"{token}","iamInstanceProfile":{{"name":"role-{asked.home % 50}"}},'
        f'"ebsOptimized":false,"tagSpecificationSet":{{"items":[{{"resourceType":"instance","tags":{tags}}}]}}}}'
    )
    machines = ",".join(_machine(asked, n, image, token, tags) for n in range(number))
    answer = (
        f'{{"requestId":"{draw.uuid()}","reservationId":"r-{draw.hexadecimal(17)}",'
        f'"ownerId":"{asked.account}","groupSet":{{}},"instancesSet":{{"items":[{machines}]}}}}'
    )
    return Call("ec2", "RunInstances", request, answer, reads=False)


def _machine(asked: Asked, number: int, image: str, token: str, tags: str) -> str:
    draw = asked.draw
    address, subnet = f"10.0.{draw.below(256)}.{draw.below(256)}", f"subnet-{draw.hexadecimal(17)}"
    vpc = f"vpc-{asked.account[:8]:0>17}"
    group = f'{{"items":[{{"groupId":"sg-{draw.hexadecimal(17)}"}}]}}'
    return (
        f'{{"instanceId":"i-{draw.hexadecimal(17)}","imageId":"{image}","currentInstanceBootMode":"legacy-bios",'
        f'"instanceState":{{"code":0,"name":"pending"}},"privateDnsName":"ip-{address.replace(".", "-")}.ec2.internal",'
        f'"amiLaunchIndex":{number},"productCodes":{{}},"instanceType":"t3.micro","launchTime":1780000000000,'
        f'"placement":{{"availabilityZone":"{asked.region}a","tenancy":"default"}},"monitoring":{{"state":"disabled"}},'
        f'"subnetId":"{subnet}","vpcId":"{vpc}","privateIpAddress":"{address}","stateReason":{{"code":"pending",'
        '"message":"pending"},"architecture":"x86_64","rootDeviceType":"ebs","rootDeviceName":"/dev/xvda",'
        f'"blockDeviceMapping":{{}},"virtualizationType":"hvm","hypervisor":"xen","tagSet":{tags},'
        f'"clientToken":"{token}","groupSet":{group},"sourceDestCheck":true,"networkInterfaceSet":{{"items":['
        f'{{"networkInterfaceId":"eni-{draw.hexadecimal(17)}","subnetId":"{subnet}","vpcId":"{vpc}",'
        f'"ownerId":"{asked.account}","status":"in-use","privateIpAddress":"{address}","sourceDestCheck":true,'
        f'"interfaceType":"interface","groupSet":{group},"attachment":{{"attachmentId":"eni-attach-{draw.hexadecimal(17)}",'
        '"deviceIndex":0,"networkCardIndex":0,"status":"attaching","attachTime":1780000000000,'
        f'"deleteOnTermination":true}},"privateIpAddressesSet":{{"item":[{{"privateIpAddress":"{address}",'
        '"primary":true}]},"ipv6AddressesSet":{},"tagSet":{}}]},"ebsOptimized":false,"enaSupport":true,'
        '"cpuOptions":{"coreCount":1,"threadsPerCore":2},"capacityReservationSpecification":'
        '{"capacityReservationPreference":"open"},"enclaveOptions":{"enabled":false},"metadataOptions":'
        '{"state":"pending","httpTokens":"required","httpPutResponseHopLimit":2,"httpEndpoint":"enabled"}}'
    )


def _list_users(_: Asked) -> Call:
    return Call("iam", "ListUsers", '{"maxItems":100}')


def _get_user(asked: Asked) -> Call:
    return Call("iam", "GetUser", f'{{"userName":"user-{asked.home}"}}')


def _list_functions(_: Asked) -> Call:
    return Call("lambda", "ListFunctions20150331", '{"maxItems":50}', version="2015-03-31")


def _invoke(asked: Asked) -> Call:
    name = f"work-{asked.home % 50}"
    arn = f"arn:aws:lambda:{asked.region}:{asked.account}:function:{name}"
    request = f'{{"functionName":"{arn}","invocationType":"RequestResponse"}}'
    resources = f'[{{"accountId":"{asked.account}","type":"AWS::Lambda::Function","ARN":"{arn}"}}]'
    more = f'{{"customerEniId":"","functionVersion":"{arn}:$LATEST"}}'
    return Call("lambda", "Invoke", request, "null", more, resources, False, True, "2015-03-31")  # noqa: FBT003


def _create_function(asked: Asked) -> Call:
    draw = asked.draw
    if draw.below(6):
        return _invoke(asked)
    settings = ",".join(f'"SETTING_{n}":"{draw.hexadecimal(16)}"' for n in range(draw.below(60)))
    told = (
        f'"functionName":"work-{asked.home}","runtime":"python3.13","timeout":30,"memorySize":256,'
        f'"role":"arn:aws:iam::{asked.account}:role/role-{asked.home % 50}","handler":"main.work",'
        f'"description":"","packageType":"Zip","environment":{{"variables":{{{settings}}}}}'
    )
    code = f'"code":{{"s3Bucket":"bucket-{asked.home % BUCKETS}","s3Key":"{draw.hexadecimal(32)}.zip"}}'
    answer = (
        f'{{{told},"functionArn":"arn:aws:lambda:{asked.region}:{asked.account}:function:work-{asked.home}",'
        f'"codeSize":{draw.below(1 << 22)},"codeSha256":"{draw.opaque(32)}","version":"$LATEST",'
        f'"tracingConfig":{{"mode":"PassThrough"}},"revisionId":"{draw.uuid()}","state":"Pending",'
        '"stateReason":"The function is being created.","architectures":["x86_64"]}'
    )
    return Call(
        "lambda",
        "CreateFunction20150331",
        f'{{{told},{code},"publish":false}}',
        answer,
        reads=False,
    )


def _decrypt(asked: Asked) -> Call:
    key = f"arn:aws:kms:{asked.region}:{asked.account}:key/{asked.home % 20:08}-0000-4000-8000-000000000000"
    bucket, name = _object(asked)
    request = (
        '{"encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":'
        f'{{"aws:s3:arn":"arn:aws:s3:::{bucket}/{name}"}}}}'
    )
    resources = f'[{{"accountId":"{asked.account}","type":"AWS::KMS::Key","ARN":"{key}"}}]'
    return Call("kms", "Decrypt", request, resources=resources)


def _describe_table(asked: Asked) -> Call:
    return Call("dynamodb", "DescribeTable", f'{{"tableName":"table-{asked.home % 50}"}}')


def _get_parameter(asked: Asked) -> Call:
    name = f"/team-{asked.home % 40}/setting-{asked.draw.below(30)}"
    return Call("ssm", "GetParameter", f'{{"name":"{name}","withDecryption":true}}')


def _get_secret(asked: Asked) -> Call:
    name = f"team-{asked.home % 40}-{asked.draw.below(10)}"
    secret = f"arn:aws:secretsmanager:{asked.region}:{asked.account}:secret:{name}"
    return Call("secretsmanager", "GetSecretValue", f'{{"secretId":"{secret}"}}')


_REGIONAL: tuple[Operation, ...] = (
    *(_get_object,) * 5,
    *(_put_object,) * 3,
    *(_list_objects,) * 2,
    _head_object,
    _get_bucket_acl,
    _put_bucket_policy,
    _list_buckets,
    *(_describe_instances,) * 3,
    *(_describe_groups,) * 2,
    _run_instances,
    _start_instances,
    _list_functions,
    _invoke,
    _create_function,
    *(_decrypt,) * 3,
    _describe_table,
    _get_parameter,
    _get_secret,
)
# What is called: in any region, and, of services that have but one, in us-east-1 only.
_GLOBAL = (*_REGIONAL, *(_list_users,) * 2, *(_get_user,) * 2)
