const tokenLike = /^(?:xox[a-z]*[-.]|xapp-|gh[a-z]_|github_pat_|glpat-|-----BEGIN)/i;

/** Whether a text looks like a secret itself, so that it must be neither accepted nor shown. */
export const looksLikeSecret = (text: string): boolean => tokenLike.test(text.trim());
