# What `endeavour drift --json` printed, as the Markdown of a job's summary: jq --null-input --raw-output --from-file.
# Names and levels come from data, so they are escaped and kept on one line.
def plain: tostring | gsub("(?<mark>[\\\\`*_{}\\[\\]()<>#|!~&])"; "\\\(.mark)") | gsub("\\s+"; " ");
def digits: . * 1000 | round / 1000;

first(inputs, null)
| if . == null then
    "### Drift was not examined", "", "The log of the step before gives the reason."
  else
    "### \(if .drifted == [] then "No column has drifted" else "Drift in \(.drifted | map(plain) | join(", "))" end)",
    "", "\(.rows) rows beside \(.training_rows) training rows of version \(.version | plain).",
    "", "| column | PSI | expected | verdict | what changed |", "|---|---:|---:|---|---|",
    (.columns[] | select(.verdict != "as in training")
      | "| \(.name | plain) | \(.psi | digits) | \(.expected_psi | digits) | \(.verdict) | \(.change | plain) |"),
    ""
  end
