import { Agent, request, WebSocket } from 'undici';

/**
 * Users of a slot, in a process of their own: `node load.mjs <port> <requests a second> <WebSockets>`. Sends what it
 * has seen when it is asked, and ends when it is told to.
 */
const [port, rate, sockets] = process.argv.slice(2).map(Number);
const at = `http://127.0.0.1:${port}`;
// Kept connections that are used again and again, and given up before HAProxy's own limit of 10 s.
const agent = new Agent({ connections: 100, keepAliveTimeout: 4_000 });
const bytes = Buffer.alloc(50 * 1024 * 1024, 'u');
const seen = { sent: 0, slow: 0, uploads: 0, downloads: 0, failures: [], closed: [], words: 0 };
let going = true;
let running = 0;

async function send(path, check, options = {}) {
  seen.sent += 1;
  running += 1;
  try {
    const { statusCode, body } = await request(at + path, { dispatcher: agent, ...options });
    const wrong = statusCode === 200 ? await check(body) : `status ${statusCode}: ${await body.text()}`;
    if (wrong !== undefined) seen.failures.push(`${path}: ${wrong}`);
  } catch (error) {
    seen.failures.push(`${path}: ${error.code ?? ''} ${error.message}`);
  } finally {
    running -= 1;
  }
}

const text = async (body) => ((await body.text()).startsWith('v') ? undefined : 'not a member’s answer');
const uploaded = async (body) =>
  (await body.text()) === String(bytes.length) ? undefined : 'not all arrived';
const downloaded = async (body) => {
  let size = 0;
  for await (const chunk of body) size += chunk.length;
  return size === bytes.length ? undefined : `${size} bytes`;
};

/** An even pace, whatever the answers take. */
let due = 0;
const began = performance.now();
const pace = setInterval(() => {
  const wanted = ((performance.now() - began) / 1_000) * rate;
  // A machine that cannot bear the rate is not asked for all of it at once later.
  if (wanted - due > rate) due = wanted - rate;
  for (; due < wanted && running < 2_000; due += 1) {
    if (due % 50 < 1) {
      seen.slow += 1;
      void send('/slow', text);
    } else void send('/', text);
  }
}, 5);

async function large() {
  while (going) {
    seen.uploads += 1;
    await send('/upload', uploaded, { method: 'POST', body: bytes });
    seen.downloads += 1;
    await send('/download', downloaded);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Talks once in a while; when it is closed, it says when and by whom it was served, and another one is opened. */
function talk() {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  let member;
  let timer;
  const word = () => {
    if (socket.readyState === WebSocket.OPEN) socket.send('hello');
  };
  socket.addEventListener('open', word);
  socket.addEventListener('message', ({ data }) => {
    [member] = data.split(' ');
    seen.words += 1;
    timer = setTimeout(word, 300);
  });
  socket.addEventListener('close', () => {
    clearTimeout(timer);
    if (!going) return;
    if (member === undefined) seen.failures.push('a WebSocket was not opened');
    else seen.closed.push({ member, at: Date.now() });
    setTimeout(talk, 50);
  });
}

for (let count = 0; count < sockets; count += 1) talk();
const transfers = large();
process.on('message', async (what) => {
  if (what === 'stop') {
    going = false;
    clearInterval(pace);
    await transfers;
    while (running > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  process.send({ ...seen, took: performance.now() - began });
  if (what === 'stop') process.exit(0);
});
