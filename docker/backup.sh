#!/bin/sh
# Copies all that cannot be made again into the folder that is named: MLflow's database and artifacts, and the keys.
# The stack goes on meanwhile. COMPOSE is how compose is called, with its files if they are not the usual ones.
set -eu
folder=$1
compose=${COMPOSE:-docker compose}
umask 0077
new=$folder/new
mkdir -p "$new"
# The database first, so that every artifact that it names is in the second file.
$compose exec -T postgres pg_dump --username mlflow --format custom mlflow >"$new/mlflow.dump"
$compose exec -T mlflow tar -C /var/lib/endeavour/state -c . >"$new/artifacts.tar"
$compose exec -T web-1 tar -C /var/lib/endeavour/keys -c . >"$new/keys.tar"
# What was there before is replaced when all of it is here.
mv "$new"/* "$folder"
rmdir "$new"
