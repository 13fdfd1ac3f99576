import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toPng } from '../../../src/bot/messenger/png.ts';
import { deploymentPicture } from '../../../src/bot/views/picture.ts';
import { strokes, widthOf } from '../../../src/bot/views/stroke-font.ts';
import { classOf, type Sample } from '../../../src/pipeline/domain/measurement.ts';
import { deployments } from '../../support/arbitrary-releases.ts';
import { deployment, serving } from '../../support/sample.ts';

const sample = (took: number, sent: number, failed = 0): Sample => ({
  sent,
  failed,
  times: { [classOf(took)]: sent - failed },
});
const measured = deployment('retire', {
  old: serving(1),
  probes: { before: sample(20, 200), during: sample(30, 40), after: sample(40, 300, 3) },
});

describe('the picture of a deployment', () => {
  it('says to who cannot see it what it shows', () => {
    expect(deploymentPicture(measured).alt).toBe(
      'hello v2 to production. launch 10s, cut-over 10s and soak 10s. answered within (50 % of requests): v1 21 ms and v2 41 ms. answered within (99 % of requests): v1 21 ms and v2 41 ms. failed requests: v1 0 of 200 and v2 3 of 300.',
    );
  });

  it('draws the stages alone where nothing was measured', () => {
    const { alt, text } = deploymentPicture(deployment('retire', { old: serving(1) }));
    expect(alt).toBe('hello v2 to production. launch 10s, cut-over 10s and soak 10s.');
    expect(text).not.toContain('requests');
  });

  it('draws bars as long as what they stand for', () => {
    const bars = [...deploymentPicture(measured).svg.matchAll(/height="24"/g)];
    const widths = [...deploymentPicture(measured).svg.matchAll(/width="([\d.]+)" height="24"/g)].map(
      ([, width]) => Number(width),
    );
    expect(bars).toHaveLength(9);
    const [launch, cutOver, soak, old, young] = widths;
    expect([launch, cutOver, soak]).toEqual([166.7, 166.7, 166.7]);
    expect((old ?? 0) / (young ?? 1)).toBeCloseTo(0.5, 1);
  });

  it('is a PNG with letters on a machine without any font', async () => {
    const png = await toPng(
      `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="20">${strokes('v42 ok', { x: 0, y: 2, size: 12, colour: '#000' })}</svg>`,
    );
    const empty = await toPng('<svg xmlns="http://www.w3.org/2000/svg" width="100" height="20"/>');
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(png.length).toBeGreaterThan(empty.length + 100);
  });

  it('no picture breaks a limit of Slack or of SVG, whatever it shows', () => {
    fc.assert(
      fc.property(deployments, (one) => {
        const { svg, alt, text } = deploymentPicture(one);
        expect(alt.length).toBeLessThanOrEqual(1000);
        expect(text.length).toBeLessThanOrEqual(3000);
        expect(svg).not.toMatch(/NaN|Infinity|undefined|<(?!\/?(svg|rect|path)\b)/);
        for (const [, x, width] of svg.matchAll(/x="([\d.-]+)" y="[\d.-]+" width="([\d.-]+)"/g)) {
          expect(Number(x)).toBeGreaterThanOrEqual(200);
          expect(Number(x) + Number(width)).toBeLessThanOrEqual(704);
        }
      }),
      { numRuns: 300, seed: 20_261_125 },
    );
  });
});

it('a line of strokes is as wide as its letters', () => {
  expect(widthOf('v42', 12)).toBe(32);
  expect(widthOf('', 12)).toBe(0);
});
