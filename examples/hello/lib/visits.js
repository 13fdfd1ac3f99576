import { connect } from 'node:net';

/** Counts visits in the store of `STORE_URL` (`tcp://host:port`); without one there is nothing to count in. */
export const countVisit = (storeUrl) => {
  if (!storeUrl) return Promise.resolve(null);
  const { hostname, port } = new URL(storeUrl);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), timeout: 2000 });
    let answer = '';
    socket.setEncoding('utf8');
    socket.once('connect', () => socket.end('INCR visits\n'));
    socket.on('data', (text) => {
      answer += text;
    });
    socket.once('end', () => resolve(Number(answer)));
    socket.once('timeout', () => socket.destroy(new Error('the store does not answer')));
    socket.once('error', reject);
  });
};
