#!/usr/bin/env bash
# Second step of the GitHub Action: runs `uptake check` with the inputs, and ends with its exit code. It reads UPTAKE (the binary) and
# INPUT_*, and sets the outputs `exit-code`, `reports`, `json` and `junit`.
set -euo pipefail

reports=${INPUT_REPORTS:-uptake-reports}
mkdir -p "$reports"
{
    echo "reports=$reports"
    echo "json=$reports/uptake.json"
    echo "junit=$reports/uptake.xml"
} >> "$GITHUB_OUTPUT"
# What an earlier run left there must not be taken for this run's result.
rm -f "$reports"/uptake.{json,xml,html}

arguments=(check --report github --report "markdown=$GITHUB_STEP_SUMMARY")
arguments+=(--report "json=$reports/uptake.json" --report "junit=$reports/uptake.xml")
# An uptake on PATH may be too old to write HTML.
if grep -q 'html=FILE' <<< "$("$UPTAKE" check --help)"; then
    arguments+=(--report "html=$reports/uptake.html")
fi

# option NAME VALUE: passes the option on if the input was given.
option() {
    if [[ -n $2 ]]; then arguments+=("$1=$2"); fi
}
option --target "$INPUT_TARGET"
option --suite "$INPUT_SUITE"
option --waivers "$INPUT_WAIVERS"
option --fail-on "$INPUT_FAIL_ON"
option --baseline "$INPUT_BASELINE"
while IFS= read -r line; do
    # Spaces around an argument and empty lines come from the YAML that it was written in.
    line="${line#"${line%%[![:space:]]*}"}"
    line="${line%"${line##*[![:space:]]}"}"
    if [[ -n $line ]]; then arguments+=("$line"); fi
done <<< "$INPUT_ARGS"
if [[ -n $INPUT_API_KEY ]]; then export UPTAKE_API_KEY=$INPUT_API_KEY; fi

code=0
"$UPTAKE" "${arguments[@]}" || code=$?
echo "exit-code=$code" >> "$GITHUB_OUTPUT"

case $code in
    0 | 1) ;;
    2) why='invalid input: an option, a profile, a scenario, a waiver or the baseline' ;;
    3) why='could not test: the target is out of reach or refused the credentials, or uptake failed' ;;
    4) why='nothing was tested' ;;
    75) why='scenarios are suspended until more time has passed' ;;
    *) why='uptake did not finish' ;;
esac
if [[ -n ${why:-} ]]; then
    echo "::error title=uptake::exit code $code: $why"
    [[ -s $GITHUB_STEP_SUMMARY ]] || echo "**uptake ended with exit code $code**: $why. The log says more." > "$GITHUB_STEP_SUMMARY"
fi
exit "$code"
