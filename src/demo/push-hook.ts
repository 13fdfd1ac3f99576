import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Kept } from './place.ts';

/** Run by the bare repository after a push: tells Bakery as a forge would, by its generic signed webhook. */
async function tell([kept = '', repository = '']: string[]): Promise<void> {
  const { ports, secrets }: Kept = JSON.parse(readFileSync(kept, 'utf8'));
  for (let tries = 0; tries < 20; tries++) {
    const body = JSON.stringify({ repository, ref: 'refs/heads/main' });
    const at = Math.floor(Date.now() / 1000);
    const signature = createHmac('sha256', secrets.webhook).update(`${at}.${body}`).digest('hex');
    try {
      const answer = await fetch(`http://127.0.0.1:${ports.http}/webhooks/push`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-bakery-signature': `t=${at},v1=${signature}` },
        body,
      });
      if (answer.ok) return;
      console.error(`Bakery answered the push with ${answer.status}: ${await answer.text()}`);
      return;
    } catch {
      // The bot is being restarted; a forge tries again too, and polling is there in the end.
      await pause(500);
    }
  }
  console.error('Bakery did not answer; it will find the commit when it polls.');
}

await tell(process.argv.slice(2));
