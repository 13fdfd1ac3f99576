import { randomBytes } from 'node:crypto';

/**
 * EC2's instance metadata service, version 2 only, as an instance with HttpTokens=required sees it (EC2 User Guide,
 * "Use the Instance Metadata Service": a token by PUT, its time to live in a header, 401 without one, folders as lists).
 */
export function ec2Metadata(instanceAt) {
  const tokens = new Set();
  return (address, request, response) => {
    const end = (status, text = '') => {
      response.statusCode = status;
      response.end(text);
    };
    const instance = instanceAt(address);
    if (instance === undefined) return end(404);
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://metadata').pathname);
    if (request.method === 'PUT' && path === '/latest/api/token') {
      const ttl = request.headers['x-aws-ec2-metadata-token-ttl-seconds'];
      if (ttl === undefined) return end(400);
      const token = randomBytes(24).toString('base64url');
      tokens.add(token);
      response.setHeader('x-aws-ec2-metadata-token-ttl-seconds', ttl);
      return end(200, token);
    }
    if (request.method !== 'GET') return end(405);
    if (!tokens.has(request.headers['x-aws-ec2-metadata-token'])) return end(401);
    const [, , ...parts] = path.split('/');
    const found = parts
      .filter(Boolean)
      .reduce((at, part) => (typeof at === 'object' ? at?.[part] : undefined), instance);
    if (found === undefined) return end(404);
    if (Buffer.isBuffer(found) || typeof found === 'string') return end(200, found);
    end(
      200,
      Object.entries(found)
        .map(([name, value]) => (typeof value === 'string' || Buffer.isBuffer(value) ? name : `${name}/`))
        .join('\n'),
    );
  };
}
