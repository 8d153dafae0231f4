# What `endeavour train --json` printed, as the Markdown of a job's summary: jq --null-input --raw-output --from-file.
# Names and reasons come from data, so they are escaped and kept on one line.
def plain: tostring | gsub("(?<mark>[\\\\`*_{}\\[\\]()<>#|!~&])"; "\\\(.mark)") | gsub("\\s+"; " ");
def table($head): "", "| \($head) | value |", "|---|---:|", (to_entries[] | "| \(.key | plain) | \(.value) |");

first(inputs, null)
| if . == null then
    "### Nothing was trained", "", "The log of the step before gives the reason."
  else
    "### Version \(.version | plain) is \(if .promoted then "" else "not " end)promoted", "",
    (.reasons[] | "- \(plain)"),
    (select(.kept_locally) | "- **MLflow could not be reached**: the run and the model are in the artifact of this job"),
    (select(.warning != "") | "- **Warning**: \(.warning | plain)"),
    (.warnings[]? | "- **Warning**: \(plain)"),
    (.left_out // {} | to_entries[] | "- left out: \(.key | plain) \(.value | plain)"),
    (.scores | table("score on held-out rows")),
    (.coefficients + {"(intercept)": .intercept} | table("coefficient")),
    "", "Run \(.run_id | plain), stopped by \(.stop_reason | plain)."
  end
