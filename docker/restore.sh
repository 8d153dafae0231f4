#!/bin/sh
# Puts back what backup.sh has copied into the folder that is named; predictions go on meanwhile. COMPOSE is as there.
set -eu
folder=$1
compose=${COMPOSE:-docker compose}
$compose stop mlflow
$compose exec -T postgres pg_restore --username mlflow --dbname mlflow --clean --if-exists --single-transaction <"$folder/mlflow.dump"
$compose run --rm -T --no-deps --entrypoint tar mlflow -C /var/lib/endeavour/state -x <"$folder/artifacts.tar"
$compose run --rm -T --no-deps --entrypoint tar keys -C /var/lib/endeavour/keys -x <"$folder/keys.tar"
$compose start mlflow
