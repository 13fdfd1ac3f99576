/**
 * What a test of a real account may cost: dollars for an hour of a machine on demand with Linux in us-east-1, as AWS's price list had them
 * in June 2025; other regions are up to half as much again.
 */
const dated = '2025-06';
const dollarsAnHour = { 't3.micro': 0.0104, 't3.small': 0.0208, 't3a.small': 0.0188, 't3.medium': 0.0416 };
/** A load balancer with its capacity units, a NAT gateway and disks, all together. */
const beside = 0.12;
const dearer = 1.5;

/** Machines that a suite has at once at most, and hours that it takes when all is slow. */
export const suites = {
  'contract.rig.test.ts': { machines: 4, hours: 4 },
  'demo.rig.test.ts': { machines: 5, hours: 2 },
};

/** The most that these suites can cost, in dollars, rounded up to cents. Throws for a type that has no price here. */
export function mostOf(names, type) {
  const price = dollarsAnHour[type];
  if (price === undefined)
    throw new Error(`There is no price of ${type} here (${dated}): add it to prices.mjs.`);
  const sum = names
    .map((name) => suites[name])
    .reduce((total, { machines, hours }) => total + hours * (machines * price + beside), 0);
  return Math.ceil(sum * dearer * 100) / 100;
}
