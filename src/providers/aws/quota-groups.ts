/** A quota of what runs at once: EC2 counts virtual CPUs, for each of these groups of families by itself. */
export interface QuotaGroup {
  name: string;
  code: string;
}

/** EC2 User Guide, "On-Demand Instance quotas": each group with the code that it has in Service Quotas. */
const standard: QuotaGroup = { name: 'Standard', code: 'L-1216C47A' };
const graphics: QuotaGroup = { name: 'G and VT', code: 'L-DB2E81BA' };
const others: Readonly<Record<string, QuotaGroup>> = {
  dl: { name: 'DL', code: 'L-6E869C2A' },
  f: { name: 'F', code: 'L-74FC7D96' },
  ...{ g: graphics, gr: graphics, vt: graphics },
  hpc: { name: 'HPC', code: 'L-F7808C92' },
  inf: { name: 'Inf', code: 'L-1945791B' },
  p: { name: 'P', code: 'L-417A185B' },
  trn: { name: 'Trn', code: 'L-2C3B7624' },
  u: { name: 'High Memory', code: 'L-43DA4232' },
  x: { name: 'X', code: 'L-7295265B' },
};
const standardLetters = new Set('acdhimrtz');
/** Run on dedicated hosts alone, which have quotas of their own. */
const dedicated = 'mac';

export const quotaGroups: readonly QuotaGroup[] = [...new Set([standard, ...Object.values(others)])];

/** The group that a type of instance is counted in, by the letters that its name begins with. */
export function quotaGroupOf(type: string): QuotaGroup | undefined {
  const letters = /^[a-z]+/.exec(type)?.[0] ?? '';
  if (letters === dedicated) return undefined;
  return others[letters] ?? (standardLetters.has(letters.charAt(0)) ? standard : undefined);
}
