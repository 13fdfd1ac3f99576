import { askingProgram } from './asking-program.ts';

/**
 * What runs a command to its end on a machine of its own, as root, in Python. It begins only what it was granted: of all
 * machines of one command the first that writes that it begins does, and none after its URL for that has run out. How it
 * ended stands on the disk before it is told, so that a start of the machine in between tells it, and runs nothing again.
 * Secrets are taken out of the output here, where they are known.
 */
export const onceProgram = String.raw`import base64, json, os, runpy, subprocess, time, urllib.parse, urllib.request, uuid

plan = json.load(open("/etc/bakery/once.json"))
kept = "/var/lib/bakery"
machine = open("/var/lib/cloud/data/instance-id").read().strip()
hidden = []

def say(line):
    print(line, flush=True)

${askingProgram}
def keep(name, text):
    path = os.path.join(kept, name)
    with open(path + ".new", "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    os.rename(path + ".new", path)

def was_kept(name):
    try:
        return open(os.path.join(kept, name)).read()
    except FileNotFoundError:
        return None

def spellings(value):
    for one in [value] + value.split("\n"):
        yield one
        yield json.dumps(one, ensure_ascii=False)[1:-1]
        yield urllib.parse.quote(one, safe="")
        yield base64.b64encode(one.encode()).decode()

def hide(values):
    found = {form for value in values for form in spellings(value) if len(form.strip()) >= 4}
    hidden[:] = sorted(found, key=len, reverse=True)

def clean(text):
    for form in hidden:
        text = text.replace(form, "[secret]")
    return text

def output():
    """The last lines of the command, clean before they are cut."""
    subprocess.run(["journalctl", "--sync"], capture_output=True)
    shown = subprocess.run(
        ["journalctl", "--unit=bakery-service.service", "--identifier=bakery-service", "--output=cat", "--all",
         "--no-pager", "--lines=%d" % plan["lines"]], capture_output=True).stdout.decode(errors="replace")
    return [one[:2000] for one in clean(shown).split("\n")[:-1]]

def settings():
    told = runpy.run_path("/usr/local/lib/bakery/settings.py")
    values = told["values"]
    hide([*values.values(), *(told["variables"][name] for name in plan["hidden"] if name in told["variables"])])

def is_mine(own):
    return json.load(ask(urllib.request.Request(plan["read"]))).get("own") == own

def is_granted(own):
    try:
        put(plan["began"], json.dumps({"machine": machine, "own": own}), {"if-none-match": "*"})
        return True
    except Failed as failed:
        if getattr(failed.__cause__, "code", None) != 412:
            raise
    # Written before: by this machine, which did not hear so, or by another one.
    return is_mine(own)

def tell_end(what):
    keep("end", json.dumps(dict(what, machine=machine)))
    tell_kept()

def tell_kept():
    put(plan["end"], was_kept("end"), goes=90)

def run():
    """Systemd runs the command, and ends it at its time; meanwhile its last lines are told."""
    child = subprocess.Popen(["systemctl", "start", "bakery-service.service"], stdin=subprocess.DEVNULL)
    told = []
    while True:
        try:
            code = child.wait(timeout=plan["every"])
            break
        except subprocess.TimeoutExpired:
            told = tell_output(told)
    if code == 0:
        return {"is": "ended", "result": "success", "status": 0}
    shown = subprocess.run(["systemctl", "show", "bakery-service.service", "--property=Result,ExecMainStatus"],
                           capture_output=True, text=True).stdout
    found = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    # A command that was told to end, and did so in good order, has not come to its end.
    if found["Result"] == "success":
        return {"is": "interrupted"}
    return {"is": "ended", "result": found["Result"], "status": int(found["ExecMainStatus"])}

def tell_output(told):
    lines = output()
    if lines != told:
        try:
            put(plan["output"], json.dumps(lines), goes=1)
        except Failed as failed:
            say("bakery: %s" % failed)
            return told
    return lines

def main():
    os.makedirs(kept, mode=0o700, exist_ok=True)
    if was_kept("end") is not None:
        return tell_kept()
    own = was_kept("own")
    if own is not None:
        return tell_end({"is": "interrupted", "lines": []}) if is_mine(own) else None
    own = str(uuid.uuid4())
    keep("own", own)
    if not is_granted(own):
        return say("bakery: another machine runs this command, so this one does not")
    try:
        settings()
    except BaseException as error:
        return tell_end({"is": "not begun", "sentence": str(error)[:500]})
    tell_end(dict(run(), lines=output()))

try:
    main()
except Exception as error:
    say("bakery: %s" % error)
finally:
    subprocess.run(["systemctl", "poweroff", "--no-block"])
`;
