import type { Millis } from '../pipeline/domain/time.ts';

/** What the doctor found at one place. Each is a sentence for the operator, the second and third only where something is to be done. */
export type Finding =
  | { is: 'well'; what: string }
  /** `advice` can wait, `wrong` makes the exit status 1. */
  | { is: 'advice' | 'wrong'; what: string; why: string; todo: string };

export const well = (what: string): Finding => ({ is: 'well', what });
export const advice = (what: string, why: string, todo: string): Finding => ({
  is: 'advice',
  what,
  why,
  todo,
});
export const wrong = (what: string, why: string, todo: string): Finding => ({ is: 'wrong', what, why, todo });

/** One subject that the doctor looks at. May throw: that is a finding too. */
export interface Examination {
  name: string;
  look(): Promise<Finding[]> | Finding[];
}

const limit: Millis = 20_000;

/** All findings of an examination; one that fails or takes longer than 20 s is wrong by that. */
export async function examine({ name, look }: Examination, atMost = limit): Promise<Finding[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${atMost / 1000} s`)), atMost);
  });
  try {
    return await Promise.race([Promise.resolve().then(look), late]);
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    return [
      wrong(
        `The ${name} could not be looked at: ${because.replace(/\.$/, '')}.`,
        'What cannot be looked at cannot be relied on.',
        'Mend what it names, then run bakery doctor again.',
      ),
    ];
  } finally {
    clearTimeout(timer);
  }
}

/** What one of `bakery check`'s parts printed, as findings: its sentences say what, why and what to do by themselves. */
export async function ofCheck(
  check: (print: (line: string) => void) => Promise<0 | 1>,
  why: string,
  todo: string,
): Promise<Finding[]> {
  const lines: string[] = [];
  const code = await check((line) => lines.push(line));
  return code === 0 ? lines.map(well) : [wrong(lines.join(' '), why, todo)];
}
