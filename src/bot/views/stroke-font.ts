/**
 * Letters as strokes on a grid of 4 by 6, y downwards: a picture needs no font of the machine that draws it. Points are
 * two digits, strokes are parted by `|`. Small letters are drawn as capitals.
 */
const glyphs: Record<string, string> = {
  A: '06 02 20 42 46|04 44',
  B: '00 06 36 45 44 33 03|33 42 41 30 00',
  C: '41 30 10 01 05 16 36 45',
  D: '00 20 42 44 26 06 00',
  E: '40 00 06 46|03 33',
  F: '40 00 06|03 33',
  G: '41 30 10 01 05 16 36 45 43 23',
  H: '00 06|40 46|03 43',
  I: '10 30|20 26|16 36',
  J: '40 45 36 16 05',
  K: '00 06|40 03 46',
  L: '00 06 46',
  M: '06 00 23 40 46',
  N: '06 00 46 40',
  O: '10 30 41 45 36 16 05 01 10',
  P: '06 00 30 41 42 33 03',
  Q: '10 30 41 45 36 16 05 01 10|24 46',
  R: '06 00 30 41 42 33 03|23 46',
  S: '41 30 10 01 02 13 33 44 45 36 16 05',
  T: '00 40|20 26',
  U: '00 05 16 36 45 40',
  V: '00 26 40',
  W: '00 16 23 36 40',
  X: '00 46|40 06',
  Y: '00 23 40|23 26',
  Z: '00 40 06 46',
  '0': '10 30 41 45 36 16 05 01 10|15 31',
  '1': '11 20 26|16 36',
  '2': '01 10 30 41 42 06 46',
  '3': '01 10 30 41 42 33 23|33 44 45 36 16 05',
  '4': '36 30 04 44',
  '5': '40 00 03 33 44 45 36 16 05',
  '6': '30 10 01 05 16 36 45 44 33 03',
  '7': '00 40 16',
  '8': '10 30 41 42 33 13 02 01 10|13 04 05 16 36 45 44 33',
  '9': '43 13 02 01 10 30 41 45 36 16',
  '-': '13 33',
  '.': '25 26',
  ',': '25 26 17',
  ':': '21 22|25 26',
  '%': '05 41|00 10 11 01 00|35 45 46 36 35',
  '/': '06 40',
  '(': '30 21 25 36',
  ')': '10 21 25 16',
  '>': '01 33 05',
  _: '06 46',
};

/** What has no glyph: an empty box. */
const unknown = '00 40 46 06 00';

/** Columns from one letter to the next, and units of its height. */
const advance = 6;
const height = 6;

/** How wide a line is when its letters are `size` high. */
export const widthOf = (line: string, size: number): number =>
  (Math.max(0, [...line].length * advance - 2) * size) / height;

interface Placed {
  /** The left end, or with `end` the right one. */
  x: number;
  /** The top of the letters. */
  y: number;
  /** Their height. */
  size: number;
  colour: string;
  end?: boolean;
}

/** A line of text as one SVG path. */
export function strokes(line: string, { x, y, size, colour, end }: Placed): string {
  const unit = size / height;
  const left = end ? x - widthOf(line, size) : x;
  const path = [...line.toUpperCase()].flatMap((letter, index) =>
    letter === ' ' ? [] : [glyphPath(glyphs[letter] ?? unknown, left + index * advance * unit, y, unit)],
  );
  return `<path d="${path.join('')}" fill="none" stroke="${colour}" stroke-width="${round(size / 7)}" stroke-linecap="round" stroke-linejoin="round"/>`;
}

const glyphPath = (glyph: string, left: number, top: number, unit: number): string =>
  glyph
    .split('|')
    .map(
      (stroke) =>
        `M${stroke
          .split(' ')
          .map((point) => `${round(left + Number(point[0]) * unit)} ${round(top + Number(point[1]) * unit)}`)
          .join('L')}`,
    )
    .join('');

const round = (value: number): number => Math.round(value * 100) / 100;
