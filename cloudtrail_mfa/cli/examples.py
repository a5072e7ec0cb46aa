"""What each command's help ends with: calls to copy, which a test runs on the samples."""

from __future__ import annotations

__all__ = ["EXAMPLES", "epilog"]

EXAMPLES = {
    "": (
        "ingest AWSLogs/ --lake lake/",
        "summary --lake lake/",
        "denials --lake lake/ --principal alice --since 7d",
    ),
    "ingest": (
        "ingest AWSLogs/ --lake lake/",
        "ingest AWSLogs/ --lake lake/ --since 7d --region us-east-1",
        "ingest s3://my-trail/AWSLogs/ --lake lake/ --since 7d",
    ),
    "compact": (
        "compact --lake lake/",
        "compact --lake lake/ --workers 1",
    ),
    "denials": (
        "denials --lake lake/ --principal alice --since 7d",
        "denials --lake lake/ --evidence evidence/ --cause long_term_key",
        "denials --lake lake/ --event 's3:*' --timezone Europe/Berlin --format csv -o denials.csv",
    ),
    "summary": (
        "summary --lake lake/",
        "summary --lake lake/ --evidence evidence/ --format markdown",
    ),
    "sessions": (
        "sessions --lake lake/ --principal alice",
        "sessions --lake lake/ --since 7d --format jsonl",
    ),
    "posture": (
        "posture --lake lake/",
        "posture --lake lake/ --account 111122223333 --format csv -o posture.csv",
    ),
    "credentials": (
        "credentials --lake lake/",
        "credentials --lake lake/ --evidence evidence/ --format csv -o keys.csv",
    ),
    "coverage": (
        "coverage --lake lake/",
        "coverage --lake lake/ --since 7d --region us-east-1",
    ),
    "timeline": (
        "timeline --lake lake/ --principal alice --timezone Europe/Berlin",
        "timeline --lake lake/ --key AKIAIOSFODNN7ALICE00 --figure alice.png",
    ),
    "explain": (
        "explain cce719c1 --lake lake/",
        "explain cce719c1 --lake lake/ --evidence evidence/ --timezone Europe/Berlin",
    ),
    "sql": (
        'sql "from tables" --lake lake/',
        'sql "select event_name, count(*) as n from denials group by all order by n desc" --lake lake/',
    ),
    "records": (
        "records --lake lake/ --principal alice",
        "records --lake lake/ --event s3:GetObject --since 2026-06-01 --until 2026-06-01T12:00Z",
    ),
    "what-if": (
        "what-if --lake lake/ --evidence evidence/ --replace MFA_Forced=changes/MFA_Forced.json",
        "what-if --lake lake/ --evidence evidence/ --remove MFA_Forced --show exposure",
    ),
    "lint": (
        "lint changes/MFA_Forced.json",
        "lint changes/*.json --format sarif --fail-on never",
        "lint changes/MFA_Forced.json --repair",
    ),
    "verify": (
        "verify AWSLogs/ --public-keys keys.json",
        "verify AWSLogs/ --public-keys keys.json --until 3h --format csv -o checks.csv",
    ),
    "demo": (
        "demo",
        "demo samples/",
    ),
    "completion": (
        'eval "$(cloudtrail-mfa completion bash)"',
        "cloudtrail-mfa completion fish > ~/.config/fish/completions/cloudtrail-mfa.fish",
    ),
}
"""Arguments to the command, by the name of the command that they call; of completion whole lines."""


def epilog(name: str) -> str:
    """Return the end of a command's help."""
    lines = [
        f"  {example}" if name == "completion" else f"  cloudtrail-mfa {example}"
        for example in EXAMPLES[name]
    ]
    return "\n".join(["\b", "Examples:", *lines])
