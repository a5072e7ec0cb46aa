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
        "denials --lake lake/ --evidence evidence/ --bodies --format jsonl",
        "denials --lake lake/ --cause long_term_key -o denials.csv --format csv",
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
        "posture --lake lake/ --format csv -o posture.csv",
    ),
    "credentials": (
        "credentials --lake lake/",
        "credentials --lake lake/ --evidence evidence/",
    ),
    "coverage": (
        "coverage --lake lake/",
        "coverage --lake lake/ --since 7d --region us-east-1",
    ),
    "timeline": (
        "timeline --lake lake/ --principal alice",
        "timeline --lake lake/ --principal alice --figure alice.png",
    ),
    "explain": (
        "explain cce719c1 --lake lake/",
        "explain cce719c1 --lake lake/ --timezone Europe/Berlin",
    ),
    "sql": (
        'sql "from tables" --lake lake/',
        'sql "select user_agent, count(*) from denials group by all" --lake lake/',
    ),
    "records": (
        "records --lake lake/ --principal alice",
        "records --lake lake/ --event s3:GetObject --until 2026-06-01T12:00Z",
    ),
    "what-if": (
        "what-if --lake lake/ --evidence evidence/ --remove MFA_Forced",
        "what-if --lake lake/ --evidence evidence/ --replace MFA_Forced=new.json",
    ),
    "report": (
        "report --lake lake/ -o report.html",
        "report --lake lake/ --evidence evidence/ --since 30d -o report.html",
        "report --lake lake/ --principal alice --format markdown",
    ),
    "lint": (
        "lint changes/MFA_Forced.json",
        "lint changes/*.json --format sarif --fail-on never",
        "lint changes/MFA_Forced.json --repair",
    ),
    "verify": (
        "verify AWSLogs/ --public-keys keys.json",
        "verify AWSLogs/ --public-keys keys.json --until 3h",
    ),
    "demo": (
        "demo",
        "demo samples/",
    ),
    "completion": (
        'eval "$(cloudtrail-mfa completion bash)"',
        "cloudtrail-mfa completion fish | source",
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
