/**
 * What runs before each start of the service, as root: puts the settings where the unit reads them, in memory and for
 * this instance alone. `read` of the cloud's own reader (see `SecretReader`) brings the secrets.
 */
export const settingsProgram = String.raw`import json, os, pwd, shutil, subprocess

order = json.load(open("/etc/bakery/launch.json"))
home = "/run/bakery"
os.makedirs(home, mode=0o755, exist_ok=True)
variables = dict(order["variables"])
values = {}

def owner():
    for line in open("/etc/systemd/system/bakery-service.service.d/image.conf"):
        if line.startswith("User="):
            user = line.strip().split("=")[1]
            return int(user) if user.isdigit() else pwd.getpwnam(user).pw_uid
    return 0

def keep(path, text, uid=0):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o400), "w") as out:
        os.fchown(out.fileno(), uid, -1)
        out.write(text)

def quoted(text):
    for one in ("\\", '"', "$", chr(96)):
        text = text.replace(one, "\\" + one)
    return '"%s"' % text

for secret in order["secrets"]:
    value = values[secret["name"]] = read(secret["reference"])
    if secret["file"]:
        os.makedirs(home + "/secrets", mode=0o755, exist_ok=True)
        path = home + "/secrets/" + secret["name"]
        keep(path, value, owner())
        variables[secret["name"] + "_FILE"] = path
    else:
        variables[secret["name"]] = value

keep(home + "/environment", "".join("%s=%s\n" % (name, quoted(value)) for name, value in variables.items()))
`;

/** Becomes the service, with the words of its recipe as they are: no unit and no shell takes them apart. */
export const runProgram = `import json, os
argv = json.load(open("/etc/bakery/launch.json"))["start"]
os.execvp(argv[0], argv)
`;
