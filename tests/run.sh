#!/usr/bin/env bash
# Runs every test project and ends with one line: N passed, N failed, N skipped.
set -uo pipefail
cd "$(dirname "$0")/.."
results=artifacts/test-results
rm -rf "$results"
dotnet test StreamAllocator.sln --no-build -c "${CONFIGURATION:-Release}" --results-directory "$results" \
  --logger trx --logger "console;verbosity=minimal"
status=$?
grep -h -o '<UnitTestResult [^>]*outcome="NotExecuted"' "$results"/*.trx | sed 's/.*testName="\([^"]*\)".*/skipped: \1/' | sort
grep -h -o '<Counters [^>]*' "$results"/*.trx | awk -v status="$status" '
  { for (i = 1; i <= NF; i++) if (split($i, pair, "=\"")) sum[pair[1]] += pair[2] + 0 }
  END {
    failed = sum["executed"] - sum["passed"]
    if (status != 0 && failed == 0) failed = 1
    printf "%d passed, %d failed, %d skipped\n", sum["passed"], failed, sum["total"] - sum["executed"]
    exit !(failed == 0 && sum["passed"] > 0)
  }'
