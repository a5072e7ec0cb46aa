-- coverage: one row for the lake, for each account, and for each of its regions: what is recorded there, and what is not
--
-- level               lake, account or region: of what the row tells
-- account_id          account whose trail holds the events; null for the lake, and where records and files name none
-- region              region in which the calls were made; null for lake and account, and where records and files name none
-- first_time          first event, UTC
-- last_time           last event, UTC
-- events              events
-- without_time        those whose time cannot be read: no filter by time finds them
-- management_events   those of the control plane, which a trail records by default
-- data_events         those on what services hold, as objects in S3: recorded only where a trail is told to
-- other_events        those of another category, as of VPC endpoints
-- reads               events that only read; a trail may leave them out
-- writes              events that write
-- data_operations     up to twenty operations whose data events are recorded, the most frequent first
-- gaps                spans of more than a day without an event
-- longest_gap_from    event before the longest of them, UTC
-- longest_gap_until   event after it, UTC
-- files               log files that were ingested, by the account and region in their names
-- skipped_files       files that hold no events: digests, for example
-- rejected_files      files that could not be read: what they hold is missing here
-- damaged_files       files that could be read in part
-- records             records in the files that were read
-- duplicates          records whose event was there already: delivered again, or by another trail
-- places              where the files lie, without the folders that CloudTrail makes below
-- remarks             what a reader of denials has to know of it, a sentence each
--
-- Which events are data events: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
with kinds as (
    select
        account_id,
        region,
        event_time,
        read_only,
        event_source || ' ' || operation as called,
        case
            when event_category is not null then lower(event_category)
            when
                management_event = false
                -- Before version 1.07 an event does not tell its category.
                or (
                    management_event is null
                    and event_source = 's3.amazonaws.com'
                    and event_name like '%Object%'
                )
                then 'data'
            else 'management'
        end as category
    from named
),

-- The events are read once, and become few rows.
seen as materialized (
    select
        account_id,
        region,
        date_trunc('hour', event_time) as hour,
        category,
        read_only,
        if(category = 'data', called, null) as called,
        count(*) as events,
        min(event_time) as first_time,
        max(event_time) as last_time
    from kinds
    group by all
),

totals as (
    select
        if(grouping(account_id) = 1, 'lake', if(grouping(region) = 1, 'account', 'region'))
            as level,
        account_id,
        region,
        min(first_time) as first_time,
        max(last_time) as last_time,
        sum(events) as events,
        sum(events) filter (hour is null) as without_time,
        sum(events) filter (category = 'management') as management_events,
        sum(events) filter (category = 'data') as data_events,
        sum(events) filter (read_only) as reads,
        sum(events) filter (not read_only) as writes
    from seen
    group by grouping sets ((account_id, region), (account_id), ())
),

by_operation as (
    select
        if(grouping(account_id) = 1, 'lake', if(grouping(region) = 1, 'account', 'region'))
            as level,
        account_id,
        region,
        called,
        sum(events) as events
    from seen
    where called is not null
    group by grouping sets ((account_id, region, called), (account_id, called), (called))
),

operations_of as (
    select
        level,
        account_id,
        region,
        max_by(regexp_replace(called, '\.amazonaws\.com ', ':'), (events, called), 20)
            as data_operations,
        bool_or(starts_with(called, 's3.amazonaws.com ')) as has_objects
    from by_operation
    group by level, account_id, region
),

hours as (
    select
        if(grouping(account_id) = 1, 'lake', if(grouping(region) = 1, 'account', 'region'))
            as level,
        account_id,
        region,
        hour,
        min(first_time) as first_time,
        max(last_time) as last_time
    from seen
    where hour is not null
    group by grouping sets ((account_id, region, hour), (account_id, hour), (hour))
),

spans as (
    select
        level,
        account_id,
        region,
        lag(last_time) over (
            partition by level, account_id, region
            order by hour
        ) as since,
        first_time as until
    from hours
),

gaps_of as (
    select
        level,
        account_id,
        region,
        count(*) as gaps,
        max_by(since, (until - since, since)) as longest_gap_from,
        max_by(until, (until - since, since)) as longest_gap_until
    from spans
    where until - since > interval 24 hours
    group by level, account_id, region
),

files_of as (
    select
        if(grouping(account_id) = 1, 'lake', if(grouping(region) = 1, 'account', 'region'))
            as level,
        account_id,
        region,
        count(*) filter (outcome = 'ingested') as files,
        count(*) filter (outcome = 'skipped') as skipped_files,
        count(*) filter (outcome = 'rejected') as rejected_files,
        count(*) filter (is_damaged and outcome = 'ingested') as damaged_files,
        sum(records) as records,
        sum(duplicates) as duplicates,
        list_sort(list(distinct place)) as places
    from files
    group by grouping sets ((account_id, region), (account_id), ())
),

joined as (
    select
        coalesce(totals.level, files_of.level) as level,
        coalesce(totals.account_id, files_of.account_id) as account_id,
        coalesce(totals.region, files_of.region) as region,
        totals.first_time,
        totals.last_time,
        cast(coalesce(totals.events, 0) as bigint) as events,
        cast(coalesce(totals.without_time, 0) as bigint) as without_time,
        cast(coalesce(totals.management_events, 0) as bigint) as management_events,
        cast(coalesce(totals.data_events, 0) as bigint) as data_events,
        cast(coalesce(totals.reads, 0) as bigint) as reads,
        cast(coalesce(totals.writes, 0) as bigint) as writes,
        coalesce(files_of.files, 0) as files,
        coalesce(files_of.skipped_files, 0) as skipped_files,
        coalesce(files_of.rejected_files, 0) as rejected_files,
        coalesce(files_of.damaged_files, 0) as damaged_files,
        cast(coalesce(files_of.records, 0) as bigint) as records,
        cast(coalesce(files_of.duplicates, 0) as bigint) as duplicates,
        coalesce(files_of.places, []) as places
    from totals
    full join files_of
        on
            totals.level = files_of.level
            and totals.account_id is not distinct from files_of.account_id
            and totals.region is not distinct from files_of.region
),

told as (
    select
        joined.*,
        joined.events - joined.management_events - joined.data_events as other_events,
        coalesce(operations_of.data_operations, []) as data_operations,
        coalesce(gaps_of.gaps, 0) as gaps,
        gaps_of.longest_gap_from,
        gaps_of.longest_gap_until,
        max(joined.data_events) over (partition by joined.account_id) = 0 as has_none,
        coalesce(operations_of.has_objects, false) as has_objects
    from joined
    left join operations_of
        on
            joined.level = operations_of.level
            and joined.account_id is not distinct from operations_of.account_id
            and joined.region is not distinct from operations_of.region
    left join gaps_of
        on
            joined.level = gaps_of.level
            and joined.account_id is not distinct from gaps_of.account_id
            and joined.region is not distinct from gaps_of.region
)

select
    level,
    account_id,
    region,
    first_time,
    last_time,
    events,
    without_time,
    management_events,
    data_events,
    other_events,
    reads,
    writes,
    data_operations,
    gaps,
    longest_gap_from,
    longest_gap_until,
    files,
    skipped_files,
    rejected_files,
    damaged_files,
    records,
    duplicates,
    places,
    list_filter(
        [
            if(events = 0, 'No event is recorded.', null),
            case
                -- Of a region it need not be said again.
                when events = 0 or (level = 'region' and has_none) then null
                when data_events = 0
                    then
                        'No data events are recorded: that there are no denials of GetObject,'
                        || ' HeadObject and the like tells nothing.'
                when not has_objects
                    then
                        'Of S3 no data events are recorded: that there are no denials of GetObject,'
                        || ' HeadObject and the like tells nothing.'
            end,
            if(
                events > 0 and management_events = 0,
                'No management events are recorded: sign-ins, sessions and changes of policies are'
                || ' missing.',
                null
            ),
            if(
                writes > 0 and reads = 0,
                'Nothing that only reads is recorded, as by a trail of writes alone: refused List,'
                || ' Get and Describe calls are missing.',
                null
            ),
            if(
                gaps > 0,
                gaps || if(gaps = 1, ' span', ' spans')
                || ' of more than a day without an event, the longest from '
                || strftime(longest_gap_from, '%Y-%m-%d %H:%M') || ' to '
                || strftime(longest_gap_until, '%Y-%m-%d %H:%M') || ' UTC.',
                null
            ),
            if(
                rejected_files > 0,
                rejected_files || ' of ' || (files + rejected_files)
                || ' log files could not be read: what they hold is missing.',
                null
            ),
            if(
                damaged_files > 0,
                damaged_files || ' log files could be read in part only.',
                null
            ),
            if(
                duplicates > 0,
                duplicates || ' of ' || records || ' records came more than once'
                || if(len(places) > 1, ', from ' || len(places) || ' places.', '.')
                || ' Each counts once.',
                null
            ),
            if(
                without_time > 0,
                without_time || ' events have no readable time.',
                null
            )
        ],
        lambda sentence: sentence is not null
    ) as remarks
from told
order by
    level = 'lake' desc,
    account_id nulls last,
    level = 'account' desc,
    region nulls last
