import type { Task } from './contract.ts';

/** Looks whether an image is there and still what was baked. Changes nothing. */
export const check: Task<'check'> = {
  kind: 'check',
  async run({ provider, image, version }, tools, call) {
    const { state, because } = await tools.provider(provider).inspectImage(image, call);
    return { is: 'done', result: { version, state, ...(because === undefined ? {} : { because }) } };
  },
};
