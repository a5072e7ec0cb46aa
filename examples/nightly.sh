#!/usr/bin/env bash
# Every night: bring what is new into the lake, prove the log files, write who was denied and why.
#
#   nightly.sh SOURCE LAKE REPORTS [PUBLIC_KEYS]
#
# SOURCE is a folder or s3://bucket/prefix/, REPORTS the folder that summary.csv and notes.txt go to,
# PUBLIC_KEYS what `aws cloudtrail list-public-keys` printed; without them nothing is verified.
# The exit code is the worst of the commands': 0 all done; 1 done, but some file could not be used or
# is not proven, each named in notes.txt; 2 a command could not be carried out.
set -uo pipefail

if (($# < 3 || $# > 4)); then
    echo "usage: nightly.sh SOURCE LAKE REPORTS [PUBLIC_KEYS]" >&2
    exit 2
fi
source=$1 lake=$2 reports=$3 keys=${4:-}
mkdir -p "$reports" || exit 2
worst=0

# Run a command, its words and complaints into notes.txt, and remember how it ended.
run() {
    echo "== $(date -u +%FT%TZ) $1" >>"$reports/notes.txt"
    "${@:2}" >>"$reports/notes.txt" 2>&1
    local code=$?
    case $code in
    0) ;;
    1) echo "nightly: $1: done, but not with all: see $reports/notes.txt" >&2 ;;
    *) echo "nightly: $1: not done: see $reports/notes.txt" >&2 ;;
    esac
    ((code > worst)) && worst=$code
    return 0
}

run ingest cloudtrail-mfa ingest "$source" --lake "$lake"
if [ -n "$keys" ]; then
    # The last digest's signature is in the digest after it: leave the last hours to the next night.
    run verify cloudtrail-mfa verify "$source" --public-keys "$keys" --until 3h
fi
# Works out the causes, too, so that no person has to wait for them in the morning.
run summary cloudtrail-mfa summary --lake "$lake" --format csv -o "$reports/summary.csv"
exit "$worst"
