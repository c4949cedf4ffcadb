/**
 * The constant shell scripts that our containers run. They need `sh` and, inside an experiment's image, the Python that
 * `otree` itself uses. Nothing is ever pasted into them: values come as arguments, variables and files. Each begins with
 * its name, so that a list of processes says what runs, and the sandbox knows what to do.
 */

/** How the entry script says what an image lacks; errors are told by these, not by text. */
export const entryExit = { noOtree: 120, noSettings: 121, projectUnreadable: 122 } as const;

/** Set in a trial only: start from an empty scratch database and say which oTree this is. */
export const trialVariable = 'OFOREST_TRIAL';
export const otreeVersionPrefix = 'oforest: otree ';

/** The study's secrets as variables: they reach a container as files. */
export const exportSecrets = `
for file in /run/secrets/*; do
  [ -f "$file" ] || continue
  value="$(cat "$file"; echo .)"
  export "\${file##*/}=\${value%.}"
done
`.trim();

/** After `exportSecrets`: the database as oTree wants it, and its parts no more. */
export const exportDatabaseUrl = `
export DATABASE_URL="postgresql://study:$DATABASE_PASSWORD@$DATABASE_ADDRESS"
unset DATABASE_PASSWORD DATABASE_ADDRESS value
`.trim();

/** `$python`: what `otree` itself runs in. */
export const otreePython = `
read -r first < "$(command -v otree)" || first=
python="\${first#??}"
case "$python" in /*python*) ;; *) python=python3 ;; esac
`.trim();

/**
 * Empties the trial's scratch database, or makes page time-outs due that passed while the study was down: oTree drops
 * those that are more than 60 s late, and their group would wait for ever (measured on 6.0.15).
 */
const prepareDatabase = `
import os
try:
    import psycopg2
    db = psycopg2.connect(os.environ["DATABASE_URL"])
    db.autocommit = True
    sql = db.cursor()
    if os.environ.get("${trialVariable}"):
        sql.execute("DROP SCHEMA public CASCADE")
        sql.execute("CREATE SCHEMA public")
    else:
        sql.execute("SELECT to_regclass('otree_taskqueuemessage')")
        if sql.fetchone()[0]:
            sql.execute("UPDATE otree_taskqueuemessage SET epoch_time = extract(epoch FROM now())::int "
                        "WHERE epoch_time < extract(epoch FROM now())::int")
except Exception as error:
    print("oforest: the database was not prepared:", type(error).__name__, flush=True)
if os.environ.get("${trialVariable}"):
    from importlib import metadata
    print("${otreeVersionPrefix}" + metadata.version("otree"), flush=True)
`.trim();

/** The start of each script that is the process of a container with a project: our variables, a work dir that can be written. */
const enterProject = `
set -eu
say() { echo "oforest: $*" >&2; }
command -v otree >/dev/null 2>&1 || { say "the image has no otree on its path"; exit ${entryExit.noOtree}; }
[ -f settings.py ] || { say "there is no settings.py in $(pwd)"; exit ${entryExit.noSettings}; }
${exportSecrets}
${exportDatabaseUrl}
if (: > .oforest-probe) 2>/dev/null; then
  rm -f .oforest-probe
else
  cp -R . /oforest/project || { say "the project in $(pwd) cannot be read by user $(id -u)"; exit ${entryExit.projectUnreadable}; }
  cd /oforest/project
fi
${otreePython}
`.trim();

export const entryScript = `
# oforest-script: entry
${enterProject}
$python - <<'PYTHON'
${prepareDatabase}
PYTHON
unset ${trialVariable}
exec otree prodserver "$PORT"
`.trim();

/** The visitor address that our own probe shows, so that `logs` can leave its lines out. */
export const probeAddress = 'oforest-probe';

/**
 * Arguments: path, port. Docker probes one interval after the last answer, so the probe itself does the waiting: before
 * the first success it asks every 50 ms, and a new task is known healthy the moment it is, on every engine; after it, one
 * look in 20 s costs next to nothing.
 */
export const webHealthScript = `
# oforest-script: web-health
if [ -f /oforest/healthy ]; then sleep 20; fi
${otreePython}
$python -IS - "$1" "$2" <<'PYTHON' && : > /oforest/healthy
import glob, http.client, sys, time
path, port = sys.argv[1:]
give_up = time.monotonic() + 10
while True:
    web = http.client.HTTPConnection("127.0.0.1", int(port), timeout=12)
    try:
        web.request("GET", path, headers={"X-Forwarded-For": "${probeAddress}"})
        status = web.getresponse().status
        break
    except ConnectionRefusedError as error:
        if time.monotonic() > give_up:
            sys.exit("no answer on port %s: %s" % (port, error))
        time.sleep(0.05)
    except OSError as error:
        sys.exit("no answer on port %s: %s" % (port, error))
if status >= 500:
    sys.exit("%s answers %d" % (path, status))
def words(file):
    try:
        return open(file, "rb").read()
    except OSError:
        return b""
if not any(b"timeoutsubprocess" in words(file) for file in glob.glob("/proc/[0-9]*/cmdline")):
    sys.exit("oTree's timeoutsubprocess has died: page time-outs would not fire")
PYTHON
`.trim();

/** Over TCP, because the image's first start listens on its socket only while it sets up. */
export const databaseHealthScript = `
# oforest-script: database-health
if [ -f /tmp/oforest-healthy ]; then sleep 20; fi
pg_isready -q -h 127.0.0.1 -U study -d otree && : > /tmp/oforest-healthy
`.trim();

/** Runs once, when the volume is empty: the study's own role owns its databases and is nobody else's. */
export const databaseInitScript = `
# oforest-script: database-init
set -eu
psql -v ON_ERROR_STOP=1 -U postgres -d postgres <<'SQL'
\\set password \`cat /run/secrets/DATABASE_PASSWORD\`
CREATE ROLE study LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE otree OWNER study;
CREATE DATABASE otree_trial OWNER study;
REVOKE ALL ON DATABASE otree FROM PUBLIC;
REVOKE ALL ON DATABASE otree_trial FROM PUBLIC;
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
SQL
`.trim();

/** A script that is the process of a container of its own, with the project as in `entryScript`: Python instead of oTree. */
export function besideWeb(name: string, python: string): string {
  return `
# oforest-script: ${name}
${enterProject}
unset ${trialVariable}
exec $python - <<'PYTHON'
${python.trim()}
PYTHON
`.trim();
}

/** Asks oTree for its page times once: it keeps them in memory and writes them to the database for this answer only. */
export const keepPageTimesScript = inWebContainer(
  'keep-page-times',
  `
import os, sys, urllib.error, urllib.request
def ask(path):
    request = urllib.request.Request("http://127.0.0.1:%s%s" % (os.environ["PORT"], path),
                                     headers={"otree-rest-key": os.environ["OTREE_REST_KEY"]})
    with urllib.request.urlopen(request, timeout=25) as answer:
        if answer.url != request.full_url:
            sys.exit("%s leads to another page" % path)
        while answer.read(65536):
            pass
try:
    ask("/api/export_page_times")
except urllib.error.HTTPError as error:
    # 5.x has no export over REST, and this page needs no login there (measured on 5.11.5).
    if error.code != 404:
        raise
    ask("/ExportPageTimes")
`,
);

/** Prints oTree's admin login as one line of JSON. Read over exec only: it never passes through a log. */
export const adminLoginScript = inWebContainer(
  'admin-login',
  `
import json, os, sys
sys.path.insert(0, os.getcwd())
try:
    import settings
    user = getattr(settings, "ADMIN_USERNAME", "admin")
except BaseException:
    user = "admin"
print("oforest-result " + json.dumps({"user": user, "password": os.environ["OTREE_ADMIN_PASSWORD"]}))
`,
);

/** Prints rooms and sessions, as oTree's REST API tells them, as one line of JSON. */
export const linksScript = inWebContainer(
  'links',
  `
import json, os, urllib.request
def get(path):
    request = urllib.request.Request("http://127.0.0.1:%s/api/%s" % (os.environ["PORT"], path),
                                     headers={"otree-rest-key": os.environ["OTREE_REST_KEY"]})
    with urllib.request.urlopen(request, timeout=25) as answer:
        return json.load(answer)
print("oforest-result " + json.dumps({"rooms": get("rooms"), "sessions": get("sessions")}))
`,
);

/** A shell script for exec in the web container: our own variables set again, then Python. */
export function inWebContainer(name: string, python: string): readonly string[] {
  const script = `
# oforest-script: ${name}
set -eu
${exportSecrets}
${otreePython}
exec $python - <<'PYTHON'
${python.trim()}
PYTHON`;
  return ['/bin/sh', '-c', script.trim()];
}
