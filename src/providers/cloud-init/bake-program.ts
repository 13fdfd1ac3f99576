import { askingProgram } from './asking-program.ts';

/**
 * What runs on a builder, in Python, since every machine with cloud-init has it: installs the package and what the
 * recipe asks for, takes away what makes this machine this one, writes the manifest, and reports, all by URLs that it
 * was given. It needs no credentials, no account at the cloud and no port that anybody could reach.
 */
export const bakeProgram = String.raw`import hashlib, json, os, pwd, re, shutil, stat, subprocess, sys, time, urllib.request

plan = json.load(open("/etc/bakery/plan.json"))
said = []

def say(line):
    said.append(line)
    print(line, flush=True)

${askingProgram}
def fetch(url, digest, path):
    sha = hashlib.sha256()
    with ask(urllib.request.Request(url)) as answer, open(path, "wb") as out:
        for part in iter(lambda: answer.read(1 << 20), b""):
            sha.update(part)
            out.write(part)
    if "sha256:" + sha.hexdigest() != digest:
        raise Failed("digest", "What came for %s is not what was built (sha256:%s)." % (path, sha.hexdigest()))

def run(why, sentence, *argv):
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive", LC_ALL="C.UTF-8")
    child = subprocess.Popen(argv, env=env, text=True, errors="replace", stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    for line in child.stdout:
        say(line.rstrip())
    if child.wait() != 0:
        raise Failed(why, sentence)

def install(what):
    names = " ".join(what)
    if shutil.which("apt-get"):
        run("package server", "No server of OS packages answers.", "apt-get", "update", "-q", "--error-on=any")
        run("install", "The packages %s cannot be installed." % names,
            "apt-get", "install", "-q", "-y", "--no-install-recommends", *what)
    elif shutil.which("dnf"):
        run("install", "The packages %s cannot be installed." % names, "dnf", "install", "-q", "-y", *what)
    else:
        raise Failed("installer", "The base has neither apt-get nor dnf.")

def account():
    user = plan.get("user")
    if user is None:
        if subprocess.run(["id", "bakery"], capture_output=True).returncode != 0:
            run("account", "The account bakery cannot be made.",
                "useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "bakery")
        return "bakery"
    if not user.isdigit():
        try:
            pwd.getpwnam(user)
        except KeyError:
            raise Failed("account", "The image has no account %s." % user)
    return user

def make():
    if plan["packages"]:
        install(plan["packages"])
    for one in plan["files"]:
        os.makedirs(os.path.dirname(one["path"]), exist_ok=True)
        fetch(one["url"], one["digest"], one["path"])
        os.chmod(one["path"], one["mode"])
    for path in plan["folders"]:
        os.makedirs(path, exist_ok=True)
        os.chmod(path, 0o1777)
    name, directory = plan["package"]["name"], "/app"
    os.makedirs("/var/tmp/bakery", exist_ok=True)
    file = os.path.join("/var/tmp/bakery", name)
    say("fetching " + name)
    fetch(plan["package"]["url"], plan["package"]["digest"], file)
    if re.search(r"\.(deb|rpm)$", name):
        directory = "/"
        install([file])
    else:
        os.makedirs("/app", exist_ok=True)
        if re.search(r"\.(tar|tar\.gz|tgz)$", name):
            run("unpack", "The package %s cannot be unpacked." % name,
                "tar", "--no-same-owner", "-xf", file, "-C", "/app")
        else:
            shutil.copy(file, os.path.join("/app", name))
    shutil.rmtree("/var/tmp/bakery")
    drop = "/etc/systemd/system/bakery-service.service.d"
    os.makedirs(drop, exist_ok=True)
    with open(os.path.join(drop, "image.conf"), "w") as out:
        out.write("[Service]\nUser=%s\nWorkingDirectory=%s\n" % (account(), directory))

def gone(*paths):
    for path in paths:
        shutil.rmtree(path, ignore_errors=True) if os.path.isdir(path) and not os.path.islink(path) else (
            os.path.lexists(path) and os.remove(path))

def clean():
    """What makes a machine this machine: its ids, keys, logs and the lists of a moment."""
    subprocess.run(["cloud-init", "clean", "--logs"], capture_output=True)
    from glob import glob
    gone(*glob("/etc/ssh/ssh_host_*"), *glob("/var/lib/dhcp/*"), *glob("/var/lib/NetworkManager/*lease*"),
         *glob("/var/lib/systemd/random-seed"), *glob("/root/.ssh/authorized_keys"),
         *glob("/home/*/.ssh/authorized_keys"), *glob("/root/.*history"), *glob("/home/*/.*history"),
         *glob("/var/lib/apt/lists/*"), *glob("/var/cache/apt/*.bin"), *glob("/var/cache/apt/archives/*.deb"),
         *glob("/var/log/journal/*"), *glob("/var/log/apt/*"), "/var/log/dpkg.log", "/var/lib/dbus/machine-id",
         "/etc/bakery/plan.json", "/etc/bakery/bake.py")
    # Empty, not absent: the next start makes a new one and does not take itself for a first installation.
    open("/etc/machine-id", "w").close()

# What a machine writes by itself while it runs.
passing = {"/proc", "/sys", "/dev", "/run", "/tmp", "/var/tmp", "/var/log", "/var/cache", "/var/lib/cloud",
           "/var/lib/systemd", "/etc/machine-id", "/etc/bakery"}

def entries():
    found = []
    for folder, folders, files in os.walk("/"):
        folders[:] = [one for one in folders if os.path.join(folder, one) not in passing]
        for one in files + [one for one in folders if os.path.islink(os.path.join(folder, one))]:
            path = os.path.join(folder, one)
            if path in passing or path.endswith(".pyc"):
                continue
            seen = os.lstat(path)
            if stat.S_ISLNK(seen.st_mode):
                found.append({"path": path[1:], "kind": "link", "target": os.readlink(path)})
            elif stat.S_ISREG(seen.st_mode):
                sha = hashlib.sha256()
                with open(path, "rb") as content:
                    for part in iter(lambda: content.read(1 << 20), b""):
                        sha.update(part)
                found.append({"path": path[1:], "kind": "file", "mode": "%o" % (seen.st_mode & 0o7777),
                              "size": seen.st_size, "digest": "sha256:" + sha.hexdigest()})
    return sorted(found, key=lambda one: one["path"])

def packages(files):
    found = set()
    if shutil.which("dpkg-query"):
        listed = subprocess.run(["dpkg-query", "-W", "-f", "$" "{db:Status-Abbrev}\t$" "{Package}\t$" "{Version}\n"],
                                capture_output=True, text=True).stdout
        found |= {("deb", *line.split("\t")[1:]) for line in listed.splitlines() if line.startswith("ii")}
    for one in files:
        path = one["path"]
        try:
            if re.search(r"(^|/)node_modules/(@[^/]+/)?[^/]+/package\.json$", path):
                read = json.load(open("/" + path))
                found.add(("npm", str(read["name"]), str(read["version"])))
            elif re.search(r"(\.dist-info/METADATA|\.egg-info/PKG-INFO)$", path):
                head = open("/" + path, errors="replace").read().split("\n\n")[0]
                fields = dict(re.findall(r"^(Name|Version):[ \t]*(.*)$", head, re.M))
                found.add(("pypi", fields["Name"].strip(), fields["Version"].strip()))
        except (KeyError, TypeError, ValueError, OSError):
            pass
    return [{"kind": kind, "name": name, "version": version} for kind, name, version in sorted(found)]

def manifest():
    files = entries()
    unread = [one["path"] for one in files if re.match(r"(var|usr)/lib/(sysimage/)?rpm/(Packages|rpmdb\.sqlite)", one["path"])]
    return json.dumps({"entries": files, "packages": packages(files), "unread": unread}, separators=(",", ":"))

def report(what):
    put(plan["report"], json.dumps(what))

subprocess.run(["cloud-init", "status", "--wait"], capture_output=True)
try:
    make()
    clean()
    tree = manifest()
    put(plan["manifest"], tree)
    report({"is": "done", "tree": "sha256:" + hashlib.sha256(tree.encode()).hexdigest()})
except Exception as error:
    why = error.why if isinstance(error, Failed) else "program"
    report({"is": "failed", "why": why, "sentence": str(error)[:500], "lines": [one[:300] for one in said[-40:]]})
finally:
    subprocess.run(["systemctl", "poweroff", "--no-block"])
`;
