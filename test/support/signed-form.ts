import { createHmac } from 'node:crypto';

/** Posts a form to a bot's door as Slack signs it. */
export async function signed(
  secret: string,
  port: number | undefined,
  form: Record<string, string>,
): Promise<Response> {
  const body = new URLSearchParams(form).toString();
  const stamp = String(Math.floor(Date.now() / 1000));
  return fetch(`http://127.0.0.1:${port}/slack/events`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': stamp,
      'x-slack-signature': `v0=${createHmac('sha256', secret).update(`v0:${stamp}:${body}`).digest('hex')}`,
    },
  });
}
