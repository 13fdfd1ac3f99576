import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findBinary, installed } from '../machine.mjs';

/** Certificates of the account: moto's ACM says which there are, and their keys, which ACM gives to nobody, are here. */
export class Certificates {
  /** `moto` is its address; `folder` takes the files. */
  constructor(moto, folder) {
    this.moto = moto;
    this.folder = join(folder, 'certificates');
    this.known = new Map();
  }

  /** What a listener with this certificate shows, or undefined where ACM has none of that name. */
  of(arn) {
    return this.known.get(arn);
  }

  /** A certificate of its own making for 127.0.0.1, brought into ACM. */
  async make(region) {
    const openssl = installed('openssl', () => findBinary(['openssl']));
    mkdirSync(this.folder);
    const [keyFile, file] = ['key.pem', 'cert.pem'].map((name) => join(this.folder, name));
    const subject = ['-subj', '/CN=bakery-rig', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync(
      openssl,
      [
        ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject],
        ...['-keyout', keyFile, '-out', file],
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const [key, cert] = [keyFile, file].map((name) => readFileSync(name, 'utf8'));
    const arn = await this.#import(region, key, cert);
    this.known.set(arn, { key, cert });
    return { arn, pem: cert };
  }

  async #import(region, key, cert) {
    const scope = `testing/20260101/${region}/acm/aws4_request`;
    const [PrivateKey, Certificate] = [key, cert].map((text) => Buffer.from(text).toString('base64'));
    const response = await fetch(this.moto, {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'CertificateManager.ImportCertificate',
      },
      body: JSON.stringify({ PrivateKey, Certificate }),
    });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()).CertificateArn;
  }
}
