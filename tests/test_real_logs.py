"""Real logs: public attack simulations, where a folder of them is at hand.

``CLOUDTRAIL_MFA_REAL_LOGS`` names a folder with ``sans-s3-ransomware-lab`` (released with
permission, collected in Yamato-Security/suzaku-sample-data) and ``invictus-stratus-2023``
(invictus-ir/aws_dataset).
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cloudtrail_mfa import IngestReport, Lake

SANS, INVICTUS = "sans-s3-ransomware-lab", "invictus-stratus-2023"
Ingested = tuple[Lake, IngestReport, Path]


def ingested(name: str, real_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Ingested:
    lake = Lake(tmp_path_factory.mktemp(name) / "lake")
    return lake, lake.ingest(real_logs / name), real_logs / name


@pytest.fixture(scope="module")
def sans(real_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Ingested:
    return ingested(SANS, real_logs, tmp_path_factory)


@pytest.fixture(scope="module")
def invictus(real_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Ingested:
    return ingested(INVICTUS, real_logs, tmp_path_factory)


def originals(folder: Path) -> dict[str, Any]:
    """Return every record of the files, by its id, read without this library."""
    found: dict[str, Any] = {}
    for path in folder.rglob("*.json*"):
        stored = path.read_bytes()
        text = gzip.decompress(stored) if path.suffix == ".gz" else stored
        for record in json.loads(text)["Records"]:
            assert found.setdefault(record["eventID"], record) == record
    return found


def sessions_of(records: dict[str, Any]) -> dict[str, str | None]:
    """Return the temporary keys that calls were made with, and whose they are."""
    return {
        identity["accessKeyId"]: identity.get("arn")
        for record in records.values()
        if (identity := record["userIdentity"]).get("accessKeyId")
        and ("sessionContext" in identity or identity["accessKeyId"].startswith("ASIA"))
    }


class TestSans:
    """An IAM user's stolen key, and two trails that overlap."""

    def test_duplicates_are_counted_not_stored(self, sans: Ingested) -> None:
        """Every event once."""
        lake, report, _ = sans
        assert len(report.ingested) == len(report.files) == 3872
        assert (report.records, report.events, report.duplicates) == (30_477, 23_981, 6_496)
        assert lake.sql("select count(*) as n from events")["n"][0] == 23_981

    def test_every_record_comes_back(self, sans: Ingested) -> None:
        """Equal as JSON to its source."""
        lake, _, folder = sans
        assert {record["eventID"]: record for record in lake.records()} == originals(folder)

    def test_no_record_needed_a_copy(self, sans: Ingested) -> None:
        """The columns know all that CloudTrail writes here."""
        lake, *_ = sans
        assert lake.sql("select count(record) as n from events")["n"][0] == 0

    def test_service_noise_does_not_drown_the_person(self, sans: Ingested) -> None:
        """Four calls of one key come before ten thousand of log delivery."""
        lake, *_ = sans
        rows = lake.summary()
        assert rows["denials"].sum() == 10_015
        assert rows["caller"].tolist() == ["person", "person", "service"]
        assert rows["denials"].tolist() == [2, 2, 10_011]
        assert rows["cause"].tolist() == ["no_permission", "undetermined", "service_request"]

    def test_a_key_and_an_old_message_determine_nothing(self, sans: Ingested) -> None:
        """None of the four is called an MFA denial."""
        lake, *_ = sans
        rows = lake.denials(principal="jmerckle")
        assert rows["event_name"].sort_values().tolist() == [
            "DescribeInstances",
            "DescribeLogGroups",
            "ListBuckets",
            "ListFunctions20150331",
        ]
        assert set(rows["credential_kind"]) == {"long_term_key"}
        assert bool(rows["mfa_would_allow"].isna().all())
        left = rows[rows["cause"] == "undetermined"]
        assert set(left["event_name"]) == {"DescribeLogGroups", "ListFunctions20150331"}
        assert set(left["certainty"]) == {"unknown"}
        assert all(any("Against MFA" in line for line in lines) for lines in left["evidence"])

    def test_what_passed_after_a_grant_lacked_a_permission(self, sans: Ingested) -> None:
        """The key wrote itself a policy, and the calls that it had been refused passed."""
        lake, *_ = sans
        rows = lake.denials(principal="jmerckle", cause="no_permission")
        assert set(rows["event_name"]) == {"DescribeInstances", "ListBuckets"}
        assert set(rows["certainty"]) == {"inferred"}
        assert all("PutUserPolicy changed jmerckle" in lines[0] for lines in rows["evidence"])

    def test_service_calls_are_not_to_be_mended_with_mfa(self, sans: Ingested) -> None:
        """They are a service's own."""
        lake, *_ = sans
        rows = lake.denials(cause="service_request")
        assert len(rows) == 10_011
        assert set(rows["credential_kind"]) == {"aws_service"}

    def test_every_session_of_a_person_is_found(self, sans: Ingested) -> None:
        """Each temporary key in the files is a session, of whom the files say it is."""
        lake, _, folder = sans
        expected = sessions_of(originals(folder))
        found = lake.sessions()
        found = found[found["calls"] > 0]
        assert dict(zip(found["access_key_id"], found["principal_arn"], strict=True)) == expected
        assert len(expected) > 0
        assert lake.sessions(principal="jmerckle").empty  # who only ever used a long-term key

    def test_a_console_signs_with_many_keys(self, sans: Ingested) -> None:
        """Ten of one sign-in, of root, without MFA."""
        lake, *_ = sans
        rows = lake.sessions(principal="root")
        assert rows["issued_in"].value_counts().max() == 9
        assert rows.loc[rows["issued_by"] == "ConsoleLogin", "mfa_used"].eq(other=False).all()

    def test_root_signs_in_and_writes_without_mfa(self, sans: Ingested) -> None:
        """Thirteen changes, three sign-ins and a failure; each count with its event."""
        lake, *_ = sans
        row: Any = lake.posture().to_dict("records")[0]
        assert (row["principal_name"], row["caller"]) == ("root", "person")
        assert (row["without_mfa"], row["with_mfa"], row["mfa_share"]) == (649, 0, 0)
        assert (row["writes_without_mfa"], row["permissions_without_mfa"]) == (10, 3)
        assert (row["sign_ins_without_mfa"], row["failed_sign_ins"]) == (3, 1)
        assert row["sign_in_without_mfa_in"].startswith("63d86d13")

    def test_the_stolen_key_makes_another(self, sans: Ingested) -> None:
        """Its owner was never seen with MFA, nor without; the new key was tried once."""
        lake, *_ = sans
        rows = lake.credentials(principal="jmerckle").set_index("access_key_id")
        keys: Any = rows.to_dict("index")
        stolen, made = keys["AKIAU7JNXC7K7XNL3F6J"], keys["AKIAU7JNXC7KZLY6XYHJ"]
        assert (stolen["calls"], stolen["allowed"], stolen["denials"]) == (36, 32, 4)
        assert stolen["denials_by_cause"] == ["no_permission: 2", "undetermined: 2"]
        assert stolen["source_ips"] == made["source_ips"] == ["3.238.12.183"]
        assert made["created_in"].startswith("a98b8878")
        assert (made["calls"], made["services"]) == (1, ["sts.amazonaws.com"])
        assert bool(rows["owner_used_mfa"].isna().all())

    def test_what_a_service_did_with_a_session_is_no_share(self, sans: Ingested) -> None:
        """All that is known of this user was signed with a key."""
        lake, *_ = sans
        (row,) = lake.posture(principal="FalsimentisRoot").to_dict("records")
        assert (row["with_long_term_key"], row["mfa_unknown"]) == (1_173, 566)
        assert row["long_term_key_share"] == 1


class TestInvictus:
    """An attack simulation: roles made, assumed and removed within seconds."""

    def test_everything_is_in(self, invictus: Ingested) -> None:
        """No event is delivered twice here."""
        _, report, _ = invictus
        assert (report.records, report.events, report.duplicates) == (2_900, 2_900, 0)

    def test_every_record_comes_back(self, invictus: Ingested) -> None:
        """Equal as JSON to its source."""
        lake, _, folder = invictus
        assert {record["eventID"]: record for record in lake.records()} == originals(folder)

    def test_aws_own_words_are_taken(self, invictus: Ingested) -> None:
        """No identity-based policy allowed to leave the organization."""
        lake, *_ = invictus
        (row,) = lake.denials(event="LeaveOrganization").to_dict("records")
        assert (row["cause"], row["certainty"]) == ("no_permission", "proven")
        assert row["mfa_would_allow"] is False
        assert any("bert-jan created role" in line for line in row["evidence"])
        assert (row["deny_kind"], row["policy_type"]) == ("implicit", "identity")
        assert row["iam_action"] == "organizations:LeaveOrganization"

    def test_an_account_setting_is_no_policy(self, invictus: Ingested) -> None:
        """Billing was not opened to IAM users."""
        lake, *_ = invictus
        rows = lake.denials(event="ce:*")
        assert set(rows["error_message"]) == {"IAM user access not activated"}
        assert set(rows["cause"]) == {"not_authorization"}
        assert rows["mfa_would_allow"].tolist() == [False, False]

    def test_an_akia_id_with_an_mfa_session_is_no_long_term_key(self, invictus: Ingested) -> None:
        """The S3 console signs so."""
        lake, *_ = invictus
        rows = lake.sql(
            "select credential_kind, mfa_present from calls"
            " where access_key_id like 'AKIA%' and session_started is not null"
        )
        assert len(rows) == 35
        assert set(rows["credential_kind"]) == {"console"}
        assert set(rows["mfa_present"]) == {"true"}

    def test_roles_that_were_refused_are_named_by_the_message(self, invictus: Ingested) -> None:
        """The record of a refused AssumeRole names no role."""
        lake, *_ = invictus
        rows = lake.denials(event="AssumeRole", bodies=True)
        assert len(rows) == 13
        assert rows["resource_arn"].str.contains(":role/stratus-red-team-").all()
        assert set(rows["request_parameters"]) == {"null"}

    def test_roles_just_made_were_not_yet_known_everywhere(self, invictus: Ingested) -> None:
        """Each refusal follows the making of its role by seconds, and the same key then got in."""
        lake, *_ = invictus
        rows = lake.denials(event="AssumeRole")
        assert set(rows["cause"]) == {"no_permission"}
        assert set(rows["certainty"]) == {"inferred"}
        assert rows["mfa_would_allow"].eq(other=False).all()
        assert all("a while to be known everywhere" in lines[0] for lines in rows["evidence"])
        assert rows["remedy"].str.startswith("Wait and try again").all()

    def test_every_session_is_found(self, invictus: Ingested) -> None:
        """Of people, roles and machines, whether or not the files hold its issue."""
        lake, _, folder = invictus
        found = lake.sessions()
        used = found[(found["calls"] > 0) & found["access_key_id"].notna()]
        assert dict(zip(used["access_key_id"], used["principal_arn"], strict=True)) == (
            sessions_of(originals(folder))
        )

    def test_roles_lead_back_to_the_person(self, invictus: Ingested) -> None:
        """Ten role sessions were opened with one long-term key."""
        lake, *_ = invictus
        rows = lake.sessions()
        rows = rows[rows["opener_key"] == "AKIATFQR7NSC8Q4X20BJ"]
        assert len(rows) == 10
        assert set(rows["origin"]) == {"arn:aws:iam::123837392027:user/bert-jan"}

    def test_instances_are_workloads(self, invictus: Ingested) -> None:
        """Told by the delivery of their role."""
        lake, *_ = invictus
        rows = lake.sql("select session_name from calls where credential_kind = 'workload_role'")
        assert rows["session_name"].str.startswith("i-").all()
        assert len(rows) == 23

    def test_a_user_with_mfa_works_with_a_key_all_the_same(self, invictus: Ingested) -> None:
        """The shares tell; the console session's calls are those with MFA."""
        lake, *_ = invictus
        row: Any = lake.posture().to_dict("records")[0]
        assert row["principal_name"] == "bert-jan"
        assert (row["with_mfa"], row["with_long_term_key"], row["mfa_unknown"]) == (280, 2_104, 256)
        assert (row["console_sign_ins"], row["sign_ins_with_mfa"]) == (1, 1)

    def test_a_sign_in_without_mfa_is_told(self, invictus: Ingested) -> None:
        """Of a user whom the attack made, and who did nothing else."""
        lake, *_ = invictus
        rows = lake.posture()
        (row,) = rows[rows["sign_ins_without_mfa"] > 0].to_dict("records")
        assert row["principal_name"] == "stratus-red-team-nmfalu-gfjyeaypjt"
        assert row["sign_in_without_mfa_in"].startswith("70e5932e")
        assert row["calls"] == 0

    def test_keys_of_the_attack_were_made_and_deleted(self, invictus: Ingested) -> None:
        """Never used; those of the two users live on, and the S3 console's id is no key."""
        lake, *_ = invictus
        rows = lake.credentials().set_index("access_key_id")
        assert rows["status"].to_dict() == {
            "AKIATFQR7NSCUXC3DDDP": "active",
            "AKIATFQR7NSC8Q4X20BJ": "active",
            "AKIATFQR7NSCQLA2F4OD": "deleted",
            "AKIATFQR7NSC3ZO6PKAZ": "deleted",
        }
        assert rows["calls"].tolist() == [43, 2_104, 0, 0]
        assert rows["deleted_in"].str[:8].tolist()[2:] == ["20e603c0", "770e2eb6"]
        assert rows["owner_used_mfa"].iloc[:2].tolist() == [True, True]


def test_both_sets_make_one_lake(sans: Ingested, invictus: Ingested, tmp_path: Path) -> None:
    """Accounts lie side by side, and a second run reads nothing."""
    lake = Lake(tmp_path / "lake")
    folders = [sans[2], invictus[2]]
    assert lake.ingest(*folders, workers=2).events == 26_881
    again = lake.ingest(*folders, workers=2)
    assert (again.events, len(again.skipped)) == (0, 3_927)
    pd.testing.assert_frame_equal(
        lake.denials(account="342082656213").drop(columns=["account_id", "region"]),
        sans[0].denials().drop(columns=["account_id", "region"]),
        check_categorical=False,
    )
