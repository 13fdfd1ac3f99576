/** A variable that test/rigs/run.mjs sets. Throws when the rig was not started: a rig's test never passes unseen. */
export function fromRig(variable: string): string {
  const value = process.env[variable];
  if (!value)
    throw new Error(`${variable} is not set: run this by "npm run test:rigs", which starts what it needs.`);
  return value;
}

/** Takes the rig's server away and brings it back, keeping its data; lets it read its configuration anew. */
export const rigServer = {
  stop: () => post('halt'),
  start: () => post('resume'),
  reload: () => post('reload'),
};

async function post(action: string): Promise<void> {
  const response = await fetch(`${fromRig('BAKERY_TEST_CONTROL')}/${action}`, { method: 'POST' });
  if (!response.ok) throw new Error(`the rig could not ${action}: ${await response.text()}`);
}
