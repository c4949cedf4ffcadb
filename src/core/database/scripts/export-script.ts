import { besideWeb } from '../../swarm/scripts.ts';

/** Where the container keeps what it wrote: the archive API reads no tmpfs (measured on 20.10). */
export const exportFolder = '/tmp/oforest-export';
/** Written last: when it is there, all is there. */
export const exportIndex = 'index.json';

/**
 * Has oTree's own code write a study's data into files, one moment of the database in all of them, and holds them until
 * the container goes, HOLD_SECONDS at most. ANONYMOUS, EXCEL and PER_SESSION are 1 or empty. Nothing that the study's
 * code prints or raises reaches a log: logs of services stay on a disk.
 */
export const exportScript = besideWeb(
  'export',
  String.raw`
import os, signal, sys

signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
own = os.fdopen(os.dup(1), "w")
null = os.open(os.devnull, os.O_WRONLY)
os.dup2(null, 1)
os.dup2(null, 2)
os.umask(0o077)
# Read only, and in one transaction that sees one moment.
os.environ["PGOPTIONS"] = "-c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read"
os.environ.pop("SENTRY_DSN", None)
sys.argv = ["otree", "export"]

import csv, datetime, hashlib, io, json, re, shutil, time, traceback

folder = "${exportFolder}"
hold = int(os.environ["HOLD_SECONDS"])
anonymous, excel, per_session = (bool(os.environ.get(name)) for name in ("ANONYMOUS", "EXCEL", "PER_SESSION"))
csv.field_size_limit(2**31 - 1)
of_people = re.compile(r"participant\.label|(participant|session)\.mturk_\w+").fullmatch
index = {"files": [], "failed": []}


def place_of(error):
    """Type and line, never the text: it may quote an answer."""
    frames = traceback.extract_tb(error.__traceback__)
    here = os.getcwd() + os.sep
    ours = [frame for frame in frames if frame.filename.startswith(here)] or frames
    at = "%s:%d" % (ours[-1].filename.replace(here, ""), ours[-1].lineno) if ours else ""
    return {"error": type(error).__name__, "at": at}


def without_people(text):
    rows = list(csv.reader(io.StringIO(text, newline="")))
    kept = [at for at, column in enumerate(rows[0] if rows else []) if not of_people(column)]
    answer = io.StringIO()
    csv.writer(answer).writerows([row[at] for at in kept if at < len(row)] for row in rows)
    return answer.getvalue()


def keep(name, write, filtered=False):
    answer = io.StringIO()
    try:
        write(answer)
    except Exception as error:
        db.rollback()
        db._db.autoflush = False
        index["failed"].append({"name": name, **place_of(error)})
        return
    finally:
        db._db.expunge_all()
    text = answer.getvalue()
    if anonymous and filtered:
        text = without_people(text)
    rows = sum(1 for row in csv.reader(io.StringIO(text, newline="")) if row)
    data = ((BOM if excel else "") + text).encode("utf-8", "surrogatepass")
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)
    digest = hashlib.sha256(data).hexdigest()
    index["files"].append({"name": name, "rows": max(0, rows - 1), "bytes": len(data), "sha256": digest})


def customs_of(app):
    """6.x knows several of one app, before there was one."""
    if hasattr(export, "get_custom_export_functions"):
        for function in sorted(export.get_custom_export_functions(app)):
            yield function, lambda file, name=function: export.custom_export_app(app, file, function_name=name)
    elif getattr(get_models_module(app), "custom_export", None):
        yield "custom_export", lambda file: export.custom_export_app(app, file)


def chat(file):
    if hasattr(export, "export_chat"):
        return export.export_chat(file)
    from otree.views.export import ExportChat
    file.write(ExportChat.get(None, None).body.decode())


try:
    os.makedirs(folder, exist_ok=True)
    from importlib import metadata
    index["otree"] = metadata.version("otree")
    import otree.main
    from otree import database
    # Tables that are missing stay missing.
    database.AnyModel.metadata.create_all = lambda *_, **__: None
    otree.main.setup()
    from otree import export, settings
    from otree.common import get_models_module
    from otree.database import db, dbq
    from otree.models import Session
    from otree.models_concrete import ChatMessage
    BOM = export.BOM
    # It has none to write: they are in the memory of the process that serves.
    export.write_page_completion_buffer = lambda: None
    # Reading vars marks a row as changed.
    db._db.autoflush = False
    index["takenAt"] = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    index["participantFields"] = [str(name) for name in settings.PARTICIPANT_FIELDS]
    apps = export.get_installed_apps_with_data()
    sessions = [code for [code] in dbq(Session).order_by("id").with_entities(Session.code)]
    keep("wide.csv", export.export_wide, filtered=True)
    for app in apps:
        keep("app-%s.csv" % app, lambda file: export.export_app(app, file), filtered=True)
    keep("page-times.csv", export.export_page_times)
    if dbq(ChatMessage).first():
        keep("chat.csv", chat)
    for code in sessions if per_session else []:
        keep("session-%s.csv" % code, lambda file: export.export_wide(file, session_code=code), filtered=True)
    for app in apps:
        for function, write in customs_of(app):
            keep("custom-%s-%s.csv" % (app, function), write)
except OSError as error:
    print("oforest: the files were not written: %s" % os.strerror(error.errno or 0), file=own, flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)
except BaseException as error:
    index["stopped"] = place_of(error)

with open(os.path.join(folder, "index.partial"), "w") as file:
    json.dump(index, file)
os.rename(os.path.join(folder, "index.partial"), os.path.join(folder, "${exportIndex}"))
time.sleep(hold)
shutil.rmtree(folder, ignore_errors=True)
os._exit(0)
`,
);
