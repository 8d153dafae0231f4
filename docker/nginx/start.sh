#!/bin/sh
# The start of nginx in the stack: TLS if the folder secrets/tls holds a file, so that no wrong name falls back to clear text.
set -eu
fail() { echo "nginx does not start: $1" >&2; exit 1; }
export ENDEAVOUR_TLS="" ENDEAVOUR_CERTIFICATE=""
[ -r /etc/nginx/tls/. ] || fail "its user 101 cannot read the folder secrets/tls (chmod 755)"
if [ -n "$(ls /etc/nginx/tls)" ]; then
    for file in cert.pem key.pem; do
        [ -r "/etc/nginx/tls/$file" ] || fail "secrets/tls/$file is missing, or its user 101 cannot read it (chmod 444)"
    done
    ENDEAVOUR_TLS=ssl
    ENDEAVOUR_CERTIFICATE="ssl_certificate /etc/nginx/tls/cert.pem; ssl_certificate_key /etc/nginx/tls/key.pem;"
fi
exec /docker-entrypoint.sh "$@"
