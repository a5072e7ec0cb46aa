"""Exports of IAM's configuration: what AWS's tools print is read, what is wrong is named at once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from cloudtrail_mfa import Evidence, EvidenceError
from cloudtrail_mfa.demo import sample_change, sample_evidence
from tests.generate_sample_evidence import FORCED, LOOSE, files, report
from tests.generate_sample_logs import FOLDER
from tests.records import ACCOUNT, MFA_FORCED

IAM = f"arn:aws:iam::{ACCOUNT}"
DETAILS = "account-authorization-details.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the sample evidence, to be changed."""
    return Path(shutil.copytree(sample_evidence(), tmp_path / "evidence"))


def change(path: Path, **parts: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | parts))


def user(**parts: Any) -> dict[str, Any]:
    return {"UserName": "alice", "Arn": f"{IAM}:user/alice"} | parts


def names(evidence: Evidence, arn: str = f"{IAM}:user/alice") -> list[str] | None:
    entities = evidence.accounts[ACCOUNT].entities
    assert entities is not None
    identity = entities[arn].identity
    return None if identity is None else [policy.name for policy in identity]


def problems(folder: Path) -> list[str]:
    with pytest.raises(EvidenceError) as caught:
        Evidence.load(folder)
    return list(caught.value.problems)


def test_the_sample_is_what_the_generator_makes() -> None:
    """Nobody edits it by hand."""
    there = {path.relative_to(FOLDER / "evidence") for path in sample_evidence().rglob("*.json")}
    assert there == set(files())
    for path, content in files().items():
        assert json.loads((sample_evidence() / path).read_text()) == content
    assert (sample_evidence() / "credential-report.csv").read_text() == report()
    assert json.loads(sample_change().read_text()) == LOOSE


class TestReport:
    """What aws iam get-credential-report gives."""

    def test_it_is_read(self, folder: Path) -> None:
        """By ARN."""
        found = Evidence.load(folder).credentials
        assert found[f"{IAM}:user/bob"].mfa_active is False

    def test_it_is_enough_by_itself(self, folder: Path) -> None:
        """It tells the account; no policy is known then."""
        for path in [*folder.glob("*.json")]:
            path.unlink()
        found = Evidence.load(folder)
        assert found.accounts[ACCOUNT].entities is None
        assert any("users' and roles' policies are not known" in gap for gap in found.gaps)

    def test_another_table_is_a_problem(self, folder: Path) -> None:
        """The file is named."""
        (folder / "credential-report-2.csv").write_text("a,b\n1,2\n")
        (told,) = problems(folder)
        assert told.endswith("is no credential report: has no column arn, mfa_active")


class TestDetails:
    """What aws iam get-account-authorization-details prints."""

    def test_the_account_is_known_by_its_arns(self, folder: Path) -> None:
        """Nobody has to name it."""
        assert list(Evidence.load(folder).accounts) == [ACCOUNT]

    def test_a_user_has_the_policies_of_its_groups(self, folder: Path) -> None:
        """Inline and managed."""
        assert names(Evidence.load(folder)) == [
            "work (inline, Developers)",
            MFA_FORCED,
            f"{IAM}:policy/MFA_Recent_For_Delete",
        ]

    def test_inline_managed_and_boundary(self, folder: Path) -> None:
        """A user's own."""
        own = user(
            UserPolicyList=[{"PolicyName": "own", "PolicyDocument": quote(json.dumps(FORCED))}],
            AttachedManagedPolicies=[{"PolicyArn": MFA_FORCED}],
            PermissionsBoundary={"PermissionsBoundaryArn": MFA_FORCED},
            Tags=[{"Key": "team", "Value": "a"}],
        )
        change(folder / DETAILS, UserDetailList=[own])
        evidence = Evidence.load(folder)
        assert names(evidence) == ["own (inline, alice)", MFA_FORCED]
        entities = evidence.accounts[ACCOUNT].entities
        assert entities is not None
        entity = entities[own["Arn"]]
        assert entity.boundary is not None
        assert [policy.name for policy in entity.boundary] == [MFA_FORCED]
        assert entity.tags == {"team": "a"}

    def test_a_role_has_a_trust_policy(self, folder: Path) -> None:
        """It decides who may assume it."""
        entities = Evidence.load(folder).accounts[ACCOUNT].entities
        assert entities is not None
        trust = entities[f"{IAM}:role/Admin"].trust
        assert trust is not None
        assert trust.statements[0].action == ("sts:AssumeRole",)

    @pytest.mark.parametrize(
        "parts",
        [
            {"AttachedManagedPolicies": [{"PolicyArn": "arn:aws:iam::aws:policy/Elsewhere"}]},
            {"GroupList": ["NoSuchGroup"]},
        ],
    )
    def test_what_is_not_in_the_export_is_not_known(
        self, folder: Path, parts: dict[str, Any]
    ) -> None:
        """A filtered export lacks policies: then a user's are not known."""
        change(folder / DETAILS, UserDetailList=[user(**parts)])
        evidence = Evidence.load(folder)
        assert names(evidence) is None

    def test_an_unknown_boundary_is_not_none(self, folder: Path) -> None:
        """It limits, though nobody knows how."""
        boundary = {"PermissionsBoundaryArn": f"{IAM}:policy/Elsewhere"}
        change(folder / DETAILS, UserDetailList=[user(PermissionsBoundary=boundary)])
        entities = Evidence.load(folder).accounts[ACCOUNT].entities
        assert entities is not None
        assert entities[f"{IAM}:user/alice"].boundary is None

    def test_two_exports_are_not_pages_of_one(self, folder: Path) -> None:
        """Who was removed between them would live on."""
        other = folder / "account-authorization-details-older.json"
        other.write_text((folder / DETAILS).read_text())
        assert names(Evidence.load(folder)) is not None
        change(other, UserDetailList=[user(GroupList=[])])
        assert any("the exports differ on" in problem for problem in problems(folder))

    def test_a_missing_last_page_is_a_gap(self, folder: Path) -> None:
        """The tool says that there is more."""
        change(folder / DETAILS, IsTruncated=True)
        assert any("the last page" in gap for gap in Evidence.load(folder).gaps)

    @pytest.mark.parametrize(
        "parts", [{"GroupList": None}, {"Tags": None}, {"AttachedManagedPolicies": None}]
    )
    def test_null_is_none(self, folder: Path, parts: dict[str, Any]) -> None:
        """Some tools write it for an empty list."""
        change(folder / DETAILS, UserDetailList=[user(**parts)])
        assert names(Evidence.load(folder)) == []

    @pytest.mark.parametrize(
        "users", [[None], ["x"], [user(PermissionsBoundary="x")], [user(GroupList=5)], 5]
    )
    def test_what_aws_does_not_print_is_a_problem(self, folder: Path, users: Any) -> None:
        """In a sentence."""
        change(folder / DETAILS, UserDetailList=users)
        assert any("is not what AWS prints" in problem for problem in problems(folder))

    def test_pages_are_joined(self, folder: Path) -> None:
        """The tool prints long exports in several."""
        whole = json.loads((folder / DETAILS).read_text())
        (folder / DETAILS).unlink()
        for number, key in enumerate(
            ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
        ):
            page = folder / f"account-authorization-details-{number}.json"
            page.write_text(json.dumps({key: whole[key], "IsTruncated": True}))
        assert names(Evidence.load(folder)) == names(Evidence.load(sample_evidence()))


class TestOthers:
    """Control policies, policies of resources, several accounts, gaps."""

    def test_control_policies_and_resources(self, folder: Path) -> None:
        """By their files' names, and by ARN; null means that there is none."""
        account = Evidence.load(folder).accounts[ACCOUNT]
        assert account.scps is not None
        assert [policy.name for policy in account.scps] == ["FullAWSAccess", "OnlyUsEast1"]
        assert account.resources is not None
        assert account.resources["arn:aws:s3:::example-reports"] is None

    @pytest.mark.parametrize("form", [json.dumps, lambda text: json.dumps(json.dumps(text))])
    def test_control_policies_in_each_form(self, folder: Path, form: Any) -> None:
        """An object, a JSON string, URL-encoded."""
        path = folder / "scp" / "OnlyUsEast1.json"
        content = json.loads(path.read_text())
        for text in (form(content), quote(json.dumps(content))):
            path.write_text(text)
            assert len(Evidence.load(folder).accounts[ACCOUNT].scps or ()) == 2

    def test_an_empty_folder_says_that_there_are_none(self, folder: Path) -> None:
        """As an account outside an organization has none."""
        for path in (folder / "scp").iterdir():
            path.unlink()
        assert Evidence.load(folder).accounts[ACCOUNT].scps == ()

    @pytest.mark.parametrize(
        ("missing", "gap"),
        [
            ("scp", "the organization's policies are not known"),
            ("rcp", "the organization's policies are not known"),
            ("resource-policies.json", "policies of resources are not known"),
        ],
    )
    def test_what_is_not_there_is_a_gap(self, folder: Path, missing: str, gap: str) -> None:
        """It is told, and not taken for none."""
        path = folder / missing
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
        evidence = Evidence.load(folder)
        assert any(gap in sentence for sentence in evidence.gaps)
        account = evidence.accounts[ACCOUNT]
        assert None in (account.scps, account.rcps, account.resources)

    def test_the_sample_has_no_gaps(self, folder: Path) -> None:
        """Everything is there."""
        assert Evidence.load(folder).gaps == ()

    def test_several_accounts_have_a_folder_each(self, folder: Path, tmp_path: Path) -> None:
        """Named by their ids, whatever is in them."""
        top = tmp_path / "all"
        shutil.copytree(folder, top / ACCOUNT)
        (top / "999999999999" / "scp").mkdir(parents=True)
        evidence = Evidence.load(top)
        assert sorted(evidence.accounts) == [ACCOUNT, "999999999999"]
        assert evidence.accounts["999999999999"].entities is None
        assert any("roles' policies are not known" in gap for gap in evidence.gaps)


class TestProblems:
    """Files that cannot be understood."""

    @pytest.mark.parametrize(
        ("name", "content", "problem"),
        [
            (DETAILS, "{", "is no JSON"),
            (DETAILS, "[]", "is not an object"),
            ("scp/OnlyUsEast1.json", "{}", "has no Statement"),
            ("scp/OnlyUsEast1.json", "5", "is not an object"),
            ("scp/OnlyUsEast1.json", '"x"', "is no JSON"),
            ("rcp/RCPFullAWSAccess.json", '{"Statement": 1}', "neither an object nor a list"),
            ("resource-policies.json", '{"arn:aws:s3:::b": {"Version": "x"}}', "use '2012-10-17'"),
            ("resource-policies.json", '{"arn:aws:s3:::b": 5}', "arn:aws:s3:::b"),
        ],
    )
    def test_each_is_named(self, folder: Path, name: str, content: str, problem: str) -> None:
        """File or policy, and what is wrong."""
        (folder / name).write_text(content)
        (found,) = problems(folder)
        assert problem in found

    def test_all_are_named_at_once(self, folder: Path) -> None:
        """Nobody has to try again and again."""
        for path in folder.rglob("*.json"):
            path.write_text("{")
        assert len(problems(folder)) == 5

    @pytest.mark.parametrize("name", ["nowhere", "empty"])
    def test_nothing_to_read_is_an_error(self, tmp_path: Path, name: str) -> None:
        """A typing error is no empty evidence."""
        (tmp_path / "empty").mkdir()
        (found,) = problems(tmp_path / name)
        assert ("there is no such folder" in found) is (name == "nowhere")

    def test_a_policy_within_the_export_is_named(self, folder: Path) -> None:
        """By whose it is."""
        bad = user(UserPolicyList=[{"PolicyName": "bad", "PolicyDocument": "%7B"}])
        change(folder / DETAILS, UserDetailList=[bad])
        assert problems(folder)[0].startswith("bad (inline, alice) is no JSON")
