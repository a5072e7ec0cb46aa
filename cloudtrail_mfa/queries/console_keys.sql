-- console_keys: one row for each key with which a call was made that is marked as of the console
--
-- access_key_id  the key
select distinct user_identity.access_key_id as access_key_id
from events
where
    session_credential_from_console = 'true'
    and regexp_full_match(user_identity.access_key_id, 'A[A-Z0-9]{15,}')
