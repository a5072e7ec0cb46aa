-- experiments: one row for each refused call in question and each rule that the other calls of its principal speak to
--
-- event_id   refused call
-- rule       name of the rule, that of the CTE below
-- sentence   what was seen, for the reader, with the events that show it
-- witness    event id of the call or change that tells most
select *
from comparisons
union all
select *
from habits
