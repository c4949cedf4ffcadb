#!/bin/bash
# Behaves like the entry point of the official image, as far as oForest relies on it.
set -euo pipefail
export PGDATA="${PGDATA:-/var/lib/postgresql/data}"
user="${POSTGRES_USER:-postgres}"
mkdir -p "$PGDATA" /run/postgresql
chown -R postgres "$PGDATA" /run/postgresql
chmod 700 "$PGDATA"
as_postgres() { runuser -u postgres -- env "PGDATA=$PGDATA" "POSTGRES_USER=$user" "POSTGRES_DB=${POSTGRES_DB:-$user}" "$@"; }

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  password_file="$(mktemp)"
  if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then cat "$POSTGRES_PASSWORD_FILE" > "$password_file"; else printf %s "${POSTGRES_PASSWORD:?}" > "$password_file"; fi
  chown postgres "$password_file"
  as_postgres initdb --username="$user" --pwfile="$password_file" --auth-local=trust --auth-host=scram-sha-256 > /dev/null
  rm "$password_file"
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  as_postgres pg_ctl -o "-c listen_addresses=''" -w start > /dev/null
  if [ "${POSTGRES_DB:-$user}" != postgres ]; then as_postgres createdb -U "$user" "$POSTGRES_DB"; fi
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sh) as_postgres sh "$file" ;;
      *.sql) as_postgres psql -v ON_ERROR_STOP=1 -U "$user" -d "${POSTGRES_DB:-$user}" -f "$file" ;;
    esac
  done
  as_postgres pg_ctl -m fast -w stop > /dev/null
fi
exec runuser -u postgres -- "$@"
