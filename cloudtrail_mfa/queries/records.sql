-- records: one row for each event with every stored column, and the names that filters go by
--
-- *               the columns of events
-- region          region in which the call was made
-- principal_arn   ARN of who called; null where the record gives none
-- principal_name  user, role, service, or the person behind a federated session
select
    identified.* exclude (
        principal_id,
        role_arn,
        source_identity,
        operation,
        resource_arn,
        resource_account,
        resource_count,
        subject,
        session_name,
        access_key_id,
        credential_kind,
        federated,
        workload,
        mfa_present,
        session_started,
        issued_by,
        issued_in,
        opener_arn,
        opener_type,
        session_policy,
        session_tags,
        invoked_by
    )
from identified
