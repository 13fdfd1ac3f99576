/**
 * Why the reaper removes nothing of a service until a person allows it. `restored`: the ledger is older than the
 * clouds. `in use`: what belonged to nothing had traffic. `too many`: more than half of what was found.
 */
export type ReaperStop = 'restored' | 'in use' | 'too many';

export const stopInWords: Record<ReaperStop, string> = {
  restored: 'the ledger was restored and may be older than what runs',
  'in use': 'something that belongs to nothing had traffic',
  'too many': 'more than half of what was found belongs to nothing',
};
