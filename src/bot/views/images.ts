import type { Prices } from '../../pipeline/domain/price.ts';
import type { KeptBecause, Retained } from '../../pipeline/domain/retention.ts';
import { drawn, header, section, sentence } from './blocks.ts';
import { imagesCost } from './cost.ts';
import type { Drawn } from './drawn.ts';
import { bytes, elapsed, oneLine, plural, shortDigest } from './format.ts';

const mostShown = 40;

/** The images of a service, newest first, with why each is kept; those that go tonight come first. */
export function images(service: string, retained: Retained[], prices?: Prices): Drawn {
  if (retained.length === 0) return sentence(`There are no images of ${oneLine(service, 60)}.`);
  const going = retained.filter(({ because }) => because === undefined);
  const kept = retained.filter(({ because }) => because !== undefined);
  const size = bytes(retained.reduce((sum, { image }) => sum + image.size, 0));
  const words = `${plural(retained.length, 'image')} of ${oneLine(service, 60)}, ${size}: ${going.length === 0 ? 'none goes tonight' : `${going.length} ${going.length === 1 ? 'goes' : 'go'} tonight`}.${imagesCost(prices, retained)}`;
  const lines = [...going, ...kept].slice(0, mostShown).map(lineOf);
  const more = retained.length > mostShown ? [`… and ${retained.length - mostShown} more.`] : [];
  const hint =
    going.length === 0 ? [] : [`\`/bake keep ${oneLine(service, 60)} v${going[0]?.version}\` keeps one.`];
  return drawn(words, [
    header(`${service}: images`),
    section(words),
    section([...lines, ...more].join('\n')),
    ...hint.map(section),
  ]);
}

const lineOf = ({ version, image, because }: Retained): string =>
  `${because === undefined ? '🌙' : '📦'} *v${version}* · ${bytes(image.size)} · \`${shortDigest(image.digest)}\` · ${because === undefined ? '*goes tonight*' : keptWords(because)}`;

function keptWords(because: KeptBecause): string {
  switch (because.is) {
    case 'live':
      return `live in ${oneLine(because.environment, 40)}`;
    case 'beside':
      return `still runs in ${oneLine(because.environment, 40)}`;
    case 'goes back':
      return `what ${oneLine(because.environment, 40)} would go back to`;
    case 'was live before':
      return `was live before in ${oneLine(because.environment, 40)}`;
    case 'under way':
      return 'under way';
    case 'pinned':
      return '📌 kept by hand';
    case 'newest':
      return `one of the newest ${because.keep}`;
    case 'young':
      return `only ${elapsed(because.age)} old`;
    case 'same image':
      return `the same image as v${because.version}`;
  }
}
