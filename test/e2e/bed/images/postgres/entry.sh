#!/bin/bash
# Behaves like the entry point of the official image, as far as oForest relies on it.
set -euo pipefail
if [ "${1#-}" != "$1" ]; then set -- postgres "$@"; fi
if [ "$1" != postgres ]; then exec "$@"; fi

export PGDATA="${PGDATA:-/var/lib/postgresql/data}"
user="${POSTGRES_USER:-postgres}"
mkdir -p "$PGDATA" /run/postgresql
chown -R postgres "$PGDATA" /run/postgresql
chmod 700 "$PGDATA"
as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups -- env "HOME=/var/lib/postgresql" "POSTGRES_USER=$user" "POSTGRES_DB=${POSTGRES_DB:-$user}" "$@"; }

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then POSTGRES_PASSWORD="$(cat "$POSTGRES_PASSWORD_FILE")"; fi
  export POSTGRES_PASSWORD="${POSTGRES_PASSWORD:?}"
  password_file="$(mktemp)"
  printf '%s' "$POSTGRES_PASSWORD" > "$password_file"
  chown postgres "$password_file"
  as_postgres initdb --username="$user" --pwfile="$password_file" --auth-local=trust --auth-host=scram-sha-256 > /dev/null
  rm "$password_file"
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  echo "listen_addresses = '*'" >> "$PGDATA/postgresql.conf"
  # Nobody may connect from outside before the scripts are through.
  as_postgres pg_ctl -o "-c listen_addresses=''" -w start > /dev/null
  if [ "${POSTGRES_DB:-$user}" != postgres ]; then as_postgres createdb -U "$user" "$POSTGRES_DB"; fi
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sh) as_postgres bash "$file" ;;
      *.sql) as_postgres psql -v ON_ERROR_STOP=1 -U "$user" -d "${POSTGRES_DB:-$user}" -f "$file" ;;
    esac
  done
  as_postgres pg_ctl -m fast -w stop > /dev/null
fi
unset POSTGRES_PASSWORD
# Postgres itself has to be process 1: runuser there ignores SIGINT, and Docker kills the database after the grace time.
exec setpriv --reuid=postgres --regid=postgres --init-groups -- env "HOME=/var/lib/postgresql" "$@"
