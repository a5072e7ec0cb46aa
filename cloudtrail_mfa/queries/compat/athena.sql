-- Functions of Athena (Trino) that DuckDB calls otherwise, for queries about cloudtrail_logs.
--
-- https://docs.aws.amazon.com/athena/latest/ug/functions-env3.html,
-- https://trino.io/docs/current/functions/datetime.html
create or replace temp macro json_extract_scalar(json, path) as
try(json_extract_string(json, path));

create or replace temp macro from_iso8601_timestamp(text) as cast(text as timestamptz);

create or replace temp macro date_add(unit, number, moment) as
moment + cast(number || ' ' || unit as interval);

-- DuckDB wants to know the format before it reads a row: here are those of eventtime and partitions.
create or replace temp macro date_parse(text, format) as
case format
    when '%Y-%m-%dT%H:%i:%sZ' then strptime(text, '%Y-%m-%dT%H:%M:%SZ')
    when '%Y-%m-%dT%TZ' then strptime(text, '%Y-%m-%dT%H:%M:%SZ')
    when '%Y-%m-%d' then strptime(text, '%Y-%m-%d')
    when '%Y/%m/%d' then strptime(text, '%Y/%m/%d')
    when '%Y%m%d' then strptime(text, '%Y%m%d')
    else error('date_parse: use from_iso8601_timestamp or strptime for the format ' || format)
end;

-- Trino's letters: %i is a minute, %s a second, %T a time.
create or replace temp macro date_format(moment, format) as
strftime(
    moment,
    replace(replace(replace(format, '%i', '%M'), '%s', '%S'), '%T', '%H:%M:%S')
);

create or replace temp macro regexp_like(text, pattern) as regexp_matches(text, pattern);

create or replace temp macro cardinality(list) as len(list);

create or replace temp macro array_join(list, separator) as array_to_string(list, separator);

create or replace temp macro approx_distinct(value) as approx_count_distinct(value);
