import { ProviderError } from '../../pipeline/provider.ts';
import type { SecretToRead } from '../cloud-init/starting.ts';

const readable = /^aws-(?:secret|ssm):/;

/** Whether an instance on AWS reads this secret itself, as what its profile allows. */
export const isReadByInstance = (reference: string): boolean => readable.test(reference);

/** Throws `bad settings` for a secret that would have to pass through user data, where others can read it. */
export function checkReference({ name, reference }: SecretToRead): void {
  if (readable.test(reference)) return;
  throw new ProviderError(
    'bad settings',
    `The secret ${name} is ${reference.split(':')[0]}:…, which an instance on AWS cannot read, and Bakery puts no secret into user data. Nothing was started; keep it in Secrets Manager or Parameter Store, and name it by aws-secret: or aws-ssm:.`,
  );
}

/**
 * How an instance reads a secret, in Python: credentials of its profile from the metadata service (version 2), the call
 * signed by curl (`--aws-sigv4`), nothing secret on a command line.
 */
export const secretReader = String.raw`import json, subprocess, urllib.request

def metadata(path, method="GET", headers={}):
    request = urllib.request.Request("http://169.254.169.254/latest/" + path, method=method, headers=headers)
    return urllib.request.urlopen(request, timeout=10).read().decode()

def signed(service, target, body):
    token = metadata("api/token", "PUT", {"X-aws-ec2-metadata-token-ttl-seconds": "300"})
    known = {"X-aws-ec2-metadata-token": token}
    region = metadata("meta-data/placement/region", headers=known)
    role = metadata("meta-data/iam/security-credentials/", headers=known).split()[0]
    keys = json.loads(metadata("meta-data/iam/security-credentials/" + role, headers=known))
    try:
        url = open("/etc/bakery/endpoint").read().strip()
    except OSError:
        url = "https://%s.%s.amazonaws.com/" % (service, region)
    config = "\n".join([
        'user = "%s:%s"' % (keys["AccessKeyId"], keys["SecretAccessKey"]),
        'header = "X-Amz-Security-Token: %s"' % keys["Token"],
    ])
    answer = subprocess.run(
        ["curl", "--silent", "--show-error", "--fail-with-body", "--retry", "5", "--max-time", "20",
         "--aws-sigv4", "aws:amz:%s:%s" % (region, service), "--config", "-",
         "--header", "Content-Type: application/x-amz-json-1.1", "--header", "X-Amz-Target: " + target,
         "--data", json.dumps(body), url],
        input=config, capture_output=True, text=True)
    if answer.returncode != 0:
        raise SystemExit("%s: %s %s" % (target, answer.stderr.strip(), answer.stdout[:300]))
    return json.loads(answer.stdout)

def read(reference):
    kind, _, name = reference.partition(":")
    if kind == "aws-ssm":
        found = signed("ssm", "AmazonSSM.GetParameter", {"Name": name, "WithDecryption": True})
        return found["Parameter"]["Value"]
    name, _, key = name.partition("#")
    text = signed("secretsmanager", "secretsmanager.GetSecretValue", {"SecretId": name})["SecretString"]
    return text if key == "" else str(json.loads(text)[key])
`;
