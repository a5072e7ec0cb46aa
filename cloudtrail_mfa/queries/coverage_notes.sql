-- coverage_notes: one row, what a reader of denials has to know of the archive
--
-- events           events in the lake
-- s3_object_calls  S3 data events: without them a 403 on HeadObject or GetObject is not recorded
-- without_time     events whose time cannot be read; filters by time leave them out
-- bad_credentials  calls refused for bad credentials: authentication, no denials
-- first_time       first event, UTC
-- last_time        last event, UTC
with codes as (
    select error_code
    from error_codes
    where meaning = 'bad_credentials'
)

select
    count(*) as events,
    count(*) filter (
        event_source = 's3.amazonaws.com'
        and (
            event_category = 'Data'
            -- Before version 1.07 an event does not tell its category.
            or (event_category is null and event_name like '%Object%')
        )
    ) as s3_object_calls,
    count(*) filter (event_time is null) as without_time,
    count(*) filter (
        regexp_extract(error_code, '[^.]*$') in (select codes.error_code from codes)
    ) as bad_credentials,
    min(event_time) as first_time,
    max(event_time) as last_time
from events
