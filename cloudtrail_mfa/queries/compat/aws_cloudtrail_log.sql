-- aws_cloudtrail_log: one row for each event, as in Tailpipe's table of that name, so that queries for it run as they are
--
-- tp_id                            eventID: there is one row for each
-- tp_source_type                   aws_s3_bucket or file: from where the event came
-- tp_ingest_timestamp              always null: the lake keeps no time for each row
-- tp_timestamp                     when the call arrived, UTC
-- tp_table                         aws_cloudtrail_log
-- tp_partition                     lake
-- tp_index                         account whose trail holds the event
-- tp_date                          day of the event, UTC; a filter by it reads only the files of those days
-- tp_source_ip                     address of the caller, or a service's name
-- tp_destination_ip                always null, as in Tailpipe
-- tp_source_name                   always null, as in Tailpipe
-- tp_source_location               file in which the event was first found
-- tp_akas                          ARNs of the resources that were touched; null where there are none
-- tp_ips                           address of the caller, in a list; null where there is none
-- tp_tags                          always null, as in Tailpipe
-- tp_domains                       always null, as in Tailpipe
-- tp_emails                        always null, as in Tailpipe
-- tp_usernames                     long-term key and user name of the caller; null where there are none
-- additional_event_data            what the service adds
-- api_version                      version of the API that was called
-- aws_region                       region in which the call was made
-- edge_device_details              the edge device that was the target
-- error_code                       service error; null when the call passed
-- error_message                    what the error says
-- event_category                   Management, Data, NetworkActivity
-- event_id                         CloudTrail's eventID
-- event_name                       operation that was called
-- event_source                     service that was called
-- event_time                       when the call arrived, UTC
-- event_type                       AwsApiCall, AwsConsoleSignIn and others
-- event_version                    version of the record format
-- management_event                 whether it is a management event
-- read_only                        whether the operation only reads
-- recipient_account_id             account whose trail holds the event
-- request_id                       service's id of the request
-- request_parameters               what was asked for
-- resources                        resources that were touched, with their ARN, accountId and type
-- response_elements                what a change answered
-- service_event_details            what triggered a service event
-- session_credential_from_console  'true' where the credentials came from a console session
-- shared_event_id                  joins the records that two accounts hold of one call
-- source_ip_address                address of the caller, or a service's name
-- tls_details                      cipher_suite, client_provided_host_header, tls_version
-- user_agent                       what the caller's program says of itself
-- user_identity                    who called, as in Tailpipe; creation_date in milliseconds since 1970
-- vpc_endpoint_id                  VPC endpoint through which the call came
--
-- Columns and types are those of the plugin's source, its names tables/cloudtrail_log/cloudtrail_log.go:
-- https://github.com/turbot/tailpipe-plugin-aws and https://hub.tailpipe.io/plugins/turbot/aws/tables/aws_cloudtrail_log
-- What DuckDB does not take for JSON, as numbers too large for it, is null here; events holds its text.
with read as (
    select
        *,
        -- The record says null as a text, Tailpipe as no value.
        nullif(try_cast(additional_event_data as json), 'null') as additional_event_data_json,
        nullif(try_cast(edge_device_details as json), 'null') as edge_device_details_json,
        nullif(try_cast(request_parameters as json), 'null') as request_parameters_json,
        nullif(try_cast(resources as json), 'null') as resources_json,
        nullif(try_cast(response_elements as json), 'null') as response_elements_json,
        nullif(try_cast(service_event_details as json), 'null') as service_event_details_json,
        nullif(try_cast(tls_details as json), 'null') as tls_details_json,
        -- Without a time zone, whatever that of the session is.
        make_timestamp(epoch_us(event_time)) as event_time_utc
    from events
)

select
    event_id as tp_id,
    if(starts_with(source_file, 's3://'), 'aws_s3_bucket', 'file') as tp_source_type,
    cast(null as timestamp) as tp_ingest_timestamp,
    event_time_utc as tp_timestamp,
    'aws_cloudtrail_log' as tp_table,
    'lake' as tp_partition,
    account_id as tp_index,
    date as tp_date,
    source_ip_address as tp_source_ip,
    cast(null as varchar) as tp_destination_ip,
    cast(null as varchar) as tp_source_name,
    source_file as tp_source_location,
    nullif(
        list_filter(
            json_extract_string(resources_json, '$[*].ARN'),
            lambda arn: arn is not null
        ),
        []
    ) as tp_akas,
    if(source_ip_address is null, null, [source_ip_address]) as tp_ips,
    cast(null as varchar[]) as tp_tags,
    cast(null as varchar[]) as tp_domains,
    cast(null as varchar[]) as tp_emails,
    nullif(
        list_filter(
            [
                if(
                    starts_with(user_identity.access_key_id, 'AKIA'),
                    user_identity.access_key_id,
                    null
                ),
                user_identity.user_name
            ],
            lambda name: name is not null
        ),
        []
    ) as tp_usernames,
    additional_event_data_json as additional_event_data,
    api_version,
    aws_region,
    edge_device_details_json as edge_device_details,
    error_code,
    error_message,
    event_category,
    event_id,
    event_name,
    event_source,
    event_time_utc as event_time,
    event_type,
    event_version,
    management_event,
    read_only,
    recipient_account_id,
    request_id,
    request_parameters_json as request_parameters,
    resources_json as resources,
    response_elements_json as response_elements,
    service_event_details_json as service_event_details,
    session_credential_from_console,
    shared_event_id,
    source_ip_address,
    if(
        tls_details_json is null,
        null,
        struct_pack(
            cipher_suite := tls_details_json ->> '$.cipherSuite',
            client_provided_host_header := tls_details_json ->> '$.clientProvidedHostHeader',
            tls_version := tls_details_json ->> '$.tlsVersion'
        )
    ) as tls_details,
    user_agent,
    struct_pack(
        access_key_id := user_identity.access_key_id,
        account_id := user_identity.account_id,
        arn := user_identity.arn,
        identity_provider := user_identity.identity_provider,
        invoked_by := user_identity.invoked_by,
        principal_id := user_identity.principal_id,
        session_context := if(
            user_identity.session_context is null,
            null,
            struct_pack(
                attributes := struct_pack(
                    creation_date := epoch_ms(
                        try_cast(
                            user_identity.session_context.attributes.creation_date as timestamptz
                        )
                    ),
                    mfa_authenticated := user_identity.session_context.attributes.mfa_authenticated
                ),
                ec2_role_delivery := user_identity.session_context.ec2_role_delivery,
                session_issuer := struct_pack(
                    account_id := user_identity.session_context.session_issuer.account_id,
                    arn := user_identity.session_context.session_issuer.arn,
                    principal_id := user_identity.session_context.session_issuer.principal_id,
                    type := user_identity.session_context.session_issuer.type,
                    user_name := user_identity.session_context.session_issuer.user_name
                ),
                web_id_federation_data := struct_pack(
                    attributes := nullif(
                        try_cast(
                            user_identity.session_context.web_id_federation_data.attributes as json
                        ),
                        'null'
                    ),
                    federated_provider
                    := user_identity.session_context.web_id_federation_data.federated_provider
                )
            )
        ),
        type := user_identity.type,
        user_name := user_identity.user_name
    ) as user_identity,
    vpc_endpoint_id
from read
