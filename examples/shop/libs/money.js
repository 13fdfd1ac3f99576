/** What the lines of an invoice come to. */
export const total = (lines) => lines.reduce((sum, { cents, count }) => sum + cents * count, 0);
