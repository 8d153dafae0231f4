#!/bin/sh
# Puts back what backup.sh has copied into the folder that is named; predictions go on meanwhile. COMPOSE is as there.
set -eu
folder=$1
compose=${COMPOSE:-docker compose}
for file in mlflow.dump artifacts.tar keys.tar; do
    [ -s "$folder/$file" ] || { echo "$0: there is no $folder/$file, and nothing was changed" >&2; exit 2; }
done
$compose stop mlflow
trap '$compose start mlflow' EXIT
# All at once or not at all; tables that a newer MLflow has added go as well.
$compose exec -T postgres sh -c '{ echo "DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION pg_database_owner;"; pg_restore --file -; } |
    psql --username mlflow --quiet --single-transaction --set ON_ERROR_STOP=1 --output /dev/null' <"$folder/mlflow.dump"
$compose run --rm -T --no-deps --entrypoint tar mlflow -C /var/lib/endeavour/state -x <"$folder/artifacts.tar"
$compose run --rm -T --no-deps --entrypoint tar keys -C /var/lib/endeavour/keys -x <"$folder/keys.tar"
