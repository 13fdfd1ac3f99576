import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { treeOfPackage } from '../../../src/providers/docker/package-tree.ts';
import { PlainTar } from '../../../src/providers/docker/plain-tar.ts';
import { tarOf } from '../../support/tar-of.ts';
import { tempFolder } from '../../support/temp-folder.ts';

interface Given {
  name?: string;
  kind?: string;
  size?: string;
  mode?: string;
  link?: string;
  magic?: string;
  prefix?: string;
  rest?: string;
}

/** A header of a file of five bytes, unless told otherwise. */
function header(given: Given = {}): Buffer {
  const block = Buffer.alloc(512);
  const put = (at: number, text: string) => block.write(text, at, 'latin1');
  put(0, given.name ?? 'server.js');
  put(100, given.mode ?? '0000644\0');
  put(124, given.size ?? '00000000005\0');
  put(148, '        ');
  put(156, given.kind ?? '0');
  put(157, given.link ?? '');
  put(257, given.magic ?? 'ustar\x0000');
  put(345, given.prefix ?? '');
  put(475, given.rest ?? '');
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return block;
}

const content = Buffer.alloc(512, 'hello', 'latin1').fill(0, 5);
const end = Buffer.alloc(1024);
const folder = header({ name: 'lib/', kind: '5', size: '00000000000\0' });
const nothing = { size: '00000000000\0' };

const isPlain = (bytes: Buffer, portion = bytes.length): boolean => {
  const tar = new PlainTar();
  for (let at = 0; at < bytes.length; at += portion) tar.look(bytes.subarray(at, at + portion));
  return tar.isPlain();
};

describe('a tar', () => {
  test('of files, folders and links in ustar is plain, in whatever portions it comes', () => {
    const link = header({ name: 'bin/run', kind: '2', link: '../server.js', ...nothing });
    const deep = header({ name: 'index.js', prefix: 'node_modules/a' });
    const gnu = header({ name: 'gnu.js', magic: 'ustar  \0' });
    const whole = Buffer.concat([folder, header(), content, link, deep, content, gnu, content, end]);
    fc.assert(fc.property(fc.integer({ min: 1, max: 2000 }), (portion) => isPlain(whole, portion)));
  });

  test.each<[string, Buffer[]]>([
    ['with a record of extended headers', [header({ name: 'PaxHeaders/server.js', kind: 'x' }), content]],
    ['with global extended headers', [header({ name: 'pax_global_header', kind: 'g' }), content]],
    ['with a long name of GNU', [header({ name: '././@LongLink', kind: 'L' }), content]],
    ['with a sparse file', [header({ name: 'holes.bin', kind: 'S' }), content]],
    ['with a hard link', [header({ name: 'again.js', kind: '1', link: 'server.js', ...nothing })]],
    ['with a device', [header({ name: 'null', kind: '3', ...nothing })]],
    ['of the time before ustar', [header({ magic: '' }), content]],
    ['with a kind that is left out', [header({ kind: '\0' }), content]],
    ['with a file whose name ends like that of a folder', [header({ name: 'trail/' }), content]],
    ['with a folder that has a content', [header({ name: 'lib/', kind: '5' }), content]],
    ['with a name that is no ASCII', [header({ name: 'caf\xe9.js' }), content]],
    ['with a name of two lines', [header({ name: 'a\nb' }), content]],
    ['with something behind the end of a name', [header({ name: 'a\0b' }), content]],
    ['with a size that is no octal number', [header({ size: '\x80\0\0\0\0\0\0\0\0\0\0\x05' }), content]],
    ['with times in the prefix', [header({ rest: '00000000000\0' }), content]],
    ['of GNU with something in the prefix', [header({ magic: 'ustar  \0', prefix: 'x' }), content]],
    ['with a path that leaves its folder', [header({ name: '../server.js' }), content]],
    ['with the same file twice', [header({ name: 'a' }), content, header({ name: './a' }), content]],
  ])('%s is not', (_, blocks) => {
    expect(isPlain(Buffer.concat([folder, ...blocks, end]))).toBe(false);
  });

  test('that ends too early, or goes on after its end, is not', () => {
    const whole = Buffer.concat([header(), content, end]);
    expect(isPlain(whole)).toBe(true);
    expect(isPlain(whole.subarray(0, 1024))).toBe(false);
    expect(isPlain(whole.subarray(0, 700))).toBe(false);
    expect(isPlain(whole.subarray(0, whole.length - 100))).toBe(false);
    expect(isPlain(Buffer.concat([whole, header({ name: 'more.js' }), content, end]))).toBe(false);
  });
});

describe('a package', () => {
  const orderOf = async (name: string) => ({
    ...(await tarOf(tempFolder(), { 'server.js': 'hello', 'lib/a.js': '' }, name)),
    recipe: { base: 'debian', packages: [], start: ['node', 'server.js'] },
    files: new Map(),
    sha: 'a'.repeat(40),
    mark: {
      ...{ owner: 'us', service: 'hello', version: 1, environment: '', effect: 'bake' },
      ...{ generation: 1, epoch: 0 },
    },
  });

  test('in the plainest form tells what it puts into an image', async () => {
    const tree = await treeOfPackage(await orderOf('package.tar'));
    expect(tree?.entries.map(({ path }) => path)).toEqual(['app/lib/a.js', 'app/server.js']);
  });

  test('that is compressed, installed, no tar or not there tells nothing', async () => {
    const order = await orderOf('package.tar');
    const named = (name: string) => ({ ...order, package: { ...order.package, name } });
    expect(await treeOfPackage(await orderOf('package.tar.gz'))).toBeUndefined();
    expect(await treeOfPackage(named('hello.deb'))).toBeUndefined();
    expect(await treeOfPackage(named('hello.jar'))).toBeUndefined();
    expect(await treeOfPackage({ ...order, packageFile: import.meta.filename })).toBeUndefined();
    expect(await treeOfPackage({ ...order, packageFile: join(tempFolder(), 'none') })).toBeUndefined();
    const own = { ...order.recipe, dockerfile: 'Dockerfile' };
    expect(await treeOfPackage({ ...order, recipe: own })).toBeUndefined();
  });
});
