-- cloudtrail_logs: one row for each event, as in the table that AWS documents for Athena, so that queries for it run as they are
--
-- eventversion                  version of the record format
-- useridentity                  who called, with Athena's names of the fields
-- eventtime                     when the call arrived, UTC, as the text of the record: 2026-06-01T09:00:00Z
-- eventsource                   service that was called
-- eventname                     operation that was called
-- awsregion                     region in which the call was made
-- sourceipaddress               address of the caller, or a service's name
-- useragent                     what the caller's program says of itself
-- errorcode                     service error; null when the call passed
-- errormessage                  what the error says
-- requestparameters             what was asked for, JSON text
-- responseelements              what a change answered, JSON text
-- additionaleventdata           what the service adds, JSON text
-- requestid                     service's id of the request
-- eventid                       CloudTrail's eventID
-- readonly                      'true' or 'false': whether the operation only reads
-- resources                     resources that were touched, each with arn, accountid and type
-- eventtype                     AwsApiCall, AwsConsoleSignIn and others
-- apiversion                    version of the API that was called
-- recipientaccountid            account whose trail holds the event
-- serviceeventdetails           what triggered a service event, JSON text
-- sharedeventid                 joins the records that two accounts hold of one call
-- vpcendpointid                 VPC endpoint through which the call came
-- vpcendpointaccountid          account of that endpoint
-- eventcategory                 Management, Data, NetworkActivity
-- addendum                      reason, updatedfields, originalrequestid, originaleventid: why an event came late or again
-- sessioncredentialfromconsole  'true' where the credentials came from a console session
-- edgedevicedetails             the edge device that was the target, JSON text
-- tlsdetails                    tlsversion, ciphersuite, clientprovidedhostheader
-- account                       account whose trail holds the event, as the partition of that name
-- region                        region in which the call was made, as the partition of that name
-- year                          year of the event, as the partition of that name: 2026
-- month                         month of the event: 06
-- day                           day of the event: 01
-- timestamp                     day of the event, as the projected partition of that name: 2026/06/01
--
-- Partitions go by the time of the event, in Athena by the day of delivery. Columns and types:
-- https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table.html
-- https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html
-- https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-org-wide-trail.html
with read as (
    select
        *,
        make_timestamp(epoch_us(event_time)) as event_time_utc,
        nullif(try_cast(addendum as json), 'null') as addendum_json,
        nullif(try_cast(tls_details as json), 'null') as tls_details_json
    from events
)

select
    event_version as eventversion,
    struct_pack(
        type := user_identity.type,
        principalid := user_identity.principal_id,
        arn := user_identity.arn,
        accountid := user_identity.account_id,
        invokedby := user_identity.invoked_by,
        accesskeyid := user_identity.access_key_id,
        username := user_identity.user_name,
        onbehalfof := if(
            user_identity.on_behalf_of is null,
            null,
            struct_pack(
                userid := user_identity.on_behalf_of.user_id,
                identitystorearn := user_identity.on_behalf_of.identity_store_arn
            )
        ),
        sessioncontext := if(
            user_identity.session_context is null,
            null,
            struct_pack(
                attributes := struct_pack(
                    mfaauthenticated := user_identity.session_context.attributes.mfa_authenticated,
                    creationdate := user_identity.session_context.attributes.creation_date
                ),
                sessionissuer := struct_pack(
                    type := user_identity.session_context.session_issuer.type,
                    principalid := user_identity.session_context.session_issuer.principal_id,
                    arn := user_identity.session_context.session_issuer.arn,
                    accountid := user_identity.session_context.session_issuer.account_id,
                    username := user_identity.session_context.session_issuer.user_name
                ),
                ec2roledelivery := user_identity.session_context.ec2_role_delivery,
                webidfederationdata := struct_pack(
                    federatedprovider
                    := user_identity.session_context.web_id_federation_data.federated_provider,
                    attributes := try_cast(
                        try_cast(
                            user_identity.session_context.web_id_federation_data.attributes as json
                        ) as map (varchar, varchar)
                    )
                )
            )
        )
    ) as useridentity,
    strftime(event_time_utc, '%Y-%m-%dT%H:%M:%SZ') as eventtime,
    event_source as eventsource,
    event_name as eventname,
    aws_region as awsregion,
    source_ip_address as sourceipaddress,
    user_agent as useragent,
    error_code as errorcode,
    error_message as errormessage,
    nullif(request_parameters, 'null') as requestparameters,
    nullif(response_elements, 'null') as responseelements,
    nullif(additional_event_data, 'null') as additionaleventdata,
    request_id as requestid,
    event_id as eventid,
    cast(read_only as varchar) as readonly,
    list_transform(
        try_cast(try_cast(resources as json) as json[]),
        lambda resource: struct_pack(
            arn := resource ->> '$.ARN',
            accountid := resource ->> '$.accountId',
            type := resource ->> '$.type'
        )
    ) as resources,
    event_type as eventtype,
    api_version as apiversion,
    recipient_account_id as recipientaccountid,
    nullif(service_event_details, 'null') as serviceeventdetails,
    shared_event_id as sharedeventid,
    vpc_endpoint_id as vpcendpointid,
    vpc_endpoint_account_id as vpcendpointaccountid,
    event_category as eventcategory,
    if(
        addendum_json is null,
        null,
        struct_pack(
            reason := addendum_json ->> '$.reason',
            updatedfields := addendum_json ->> '$.updatedFields',
            originalrequestid := addendum_json ->> '$.originalRequestID',
            originaleventid := addendum_json ->> '$.originalEventID'
        )
    ) as addendum,
    session_credential_from_console as sessioncredentialfromconsole,
    nullif(edge_device_details, 'null') as edgedevicedetails,
    if(
        tls_details_json is null,
        null,
        struct_pack(
            tlsversion := tls_details_json ->> '$.tlsVersion',
            ciphersuite := tls_details_json ->> '$.cipherSuite',
            clientprovidedhostheader := tls_details_json ->> '$.clientProvidedHostHeader'
        )
    ) as tlsdetails,
    account_id as account,
    aws_region as region,
    strftime(date, '%Y') as year,
    strftime(date, '%m') as month,
    strftime(date, '%d') as day,
    strftime(date, '%Y/%m/%d') as timestamp
from read
