#!/bin/sh
# Makes the secrets that are missing in the folder that is named. The folder is closed to others; the files in it can be
# read by every user, because Docker mounts each of them into a container that runs as a user of its own.
set -eu
folder=$1
random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
write() { (umask 0333; cat >"$folder/$1.new"; mv -f "$folder/$1.new" "$folder/$1"); }
mkdir -p "$folder/tls"
chmod 700 "$folder"
chmod 755 "$folder/tls" # for a certificate and its key

[ -e "$folder/postgres_password" ] || random | write postgres_password
# libpq's own file, so that no process has the password in its environment.
printf '[mlflow]\nhost=postgres\nport=5432\nuser=mlflow\ndbname=mlflow\npassword=%s\n' \
    "$(cat "$folder/postgres_password")" | write pg_service.conf

[ -e "$folder/grafana_password" ] || random | write grafana_password

# Both replicas accept the tokens that either has signed.
[ -e "$folder/feedback_keys" ] || printf '1:%s\n' "$(random)" | write feedback_keys

# Scheduler, workers and clients of the Dask cluster prove themselves with this certificate, which signs itself: nothing
# else is let in. Python 3.13 requires the extensions.
[ -e "$folder/dask.pem" ] || ! command -v openssl >/dev/null || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
    -subj /CN=dask -addext keyUsage=critical,digitalSignature,keyCertSign,cRLSign -keyout - 2>/dev/null | write dask.pem

# Of the object store; for one that is elsewhere, put the keys that you were given here.
[ -e "$folder/s3_credentials" ] ||
    printf '[default]\naws_access_key_id=endeavour\naws_secret_access_key=%s\n' "$(random)" | write s3_credentials
printf '{"identities": [{"name": "mlflow", "credentials": [{"accessKey": "%s", "secretKey": "%s"}], "actions": %s}]}\n' \
    "$(sed -n 's/^aws_access_key_id *= *//p' "$folder/s3_credentials")" \
    "$(sed -n 's/^aws_secret_access_key *= *//p' "$folder/s3_credentials")" \
    '["Admin", "Read", "List", "Tagging", "Write"]' | write s3.json
