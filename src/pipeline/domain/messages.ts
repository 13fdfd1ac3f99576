/** What a card's thread can tell of, one word each: services choose which are worth a message. */
export const topics = [
  'changes',
  'tests',
  'approvals',
  'decisions',
  'traffic',
  'retire',
  'failures',
  'progress',
] as const;
export type Topic = (typeof topics)[number];

/** What of a service is told in its cards' threads, and what of that is sent to the channel too. */
export interface MessageChoice {
  thread: Topic[];
  channel: Topic[];
}

/** When the operators' files say nothing: all in the thread; in the channel what needs somebody. */
export const usualMessages: MessageChoice = {
  thread: [...topics],
  channel: ['approvals', 'failures'],
};
