import { OpenStackError } from './faults.ts';

const isStatus = (error: unknown, ...statuses: number[]): boolean =>
  error instanceof OpenStackError && statuses.includes(error.status);

/** What is asked for; undefined when it is not there. */
export async function unlessGone<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
}

/** What is asked for; undefined when this cloud does not have it, or does not tell it to projects. */
export async function unlessHidden<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isStatus(error, 403, 404)) return undefined;
    throw error;
  }
}

/** What is asked for; undefined when this account may not ask for it: it has no such role, or no access rule. */
export async function unlessForbidden<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isStatus(error, 401, 403)) return undefined;
    throw error;
  }
}

/**
 * True when it was done; false when the service does not do it now: it is in the middle of something (409), or is not
 * there yet or any more (404). Whoever asks looks again.
 */
export async function unlessRefused(asked: Promise<unknown>, ...more: number[]): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if (isStatus(error, 404, 409, ...more)) return false;
    throw error;
  }
}

/** Of what may be there already, and then is refused as a conflict (409). */
export async function unlessTaken(asked: Promise<unknown>): Promise<void> {
  try {
    await asked;
  } catch (error) {
    if (!isStatus(error, 409)) throw error;
  }
}
