/** The buttons that a card once had. */
export function buttonsFor(id: string, card: { text: string }) {
  const value = JSON.stringify({ s: 'hasty', d: 'hasty.production.1', i: 'sha256:x', t: 'sha256:y' });
  const element = {
    type: 'button',
    action_id: id,
    text: { type: 'plain_text', text: card.text.slice(0, 20) },
    value,
  };
  return [{ type: 'actions', block_id: 'old', elements: [element] }];
}
