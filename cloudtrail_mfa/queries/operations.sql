-- operations: one row for each event with every stored column, and with what was called on what, by whom
--
-- *                 the columns of named
-- resource_arn      what was to be touched, by the record; null where it does not tell
-- resource_account  account that owns it, as the record tells; null where it does not
-- resource_count    resources that the record lists; null where it lists none
-- subject           what like calls have in common: the resource, by the record or else by AWS's message; empty where neither tells
with asked_for as (
    select
        *,
        -- https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
        case
            when aws_region like 'cn-%' then 'aws-cn'
            when aws_region like 'us-gov-%' then 'aws-us-gov'
            when aws_region like 'eusc-%' then 'aws-eusc'
            when aws_region like 'us-iso-%' then 'aws-iso'
            when aws_region like 'us-isob-%' then 'aws-iso-b'
            when aws_region like 'eu-isoe-%' then 'aws-iso-e'
            when aws_region like 'us-isof-%' then 'aws-iso-f'
            else 'aws'
        end as partition,
        case
            when event_source = 's3.amazonaws.com'
                then try(request_parameters ->> '$.bucketName')
        end as bucket,
        case
            when event_source = 's3.amazonaws.com'
                then try(request_parameters ->> '$.key')
        end as object_key,
        list_distinct(try(resources ->> '$[*].accountId')) as owners
    from named
),

touched as (
    select
        *,
        coalesce(
            try(resources ->> '$[0].ARN'),
            try(resources ->> '$[1].ARN'),
            case
                when bucket like 'arn:%' then bucket
                when not regexp_full_match(bucket, '[a-zA-Z0-9._-]+') then null
                else 'arn:' || partition || ':s3:::' || bucket || coalesce('/' || object_key, '')
            end
        ) as resource_arn
    from asked_for
)

select
    touched.* exclude (partition, bucket, object_key, owners, resource_arn),
    resource_arn,
    case
        when len(owners) = 1 then owners[1]
    end as resource_account,
    len(list_distinct(try(resources ->> '$[*].ARN'))) as resource_count,
    coalesce(
        resource_arn,
        -- Of a refused request the record may hold nothing; the message names what it was for.
        nullif(regexp_extract(error_message, ' on resource: "?(arn:[^" ]+)"?( |$)', 1), ''),
        ''
    ) as subject
from touched
