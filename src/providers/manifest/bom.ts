import { ComponentType, HashAlgorithm } from '@cyclonedx/cyclonedx-library/Enums';
import { Bom, Component, Property } from '@cyclonedx/cyclonedx-library/Models';
import { JsonSerializer, JSON as Normal } from '@cyclonedx/cyclonedx-library/Serialize';
import { Spec1dot6 } from '@cyclonedx/cyclonedx-library/Spec';
import type { ListedPackage } from './package-list.ts';
import type { Tree } from './read-tree.ts';

/** What an image is made from, and by which name it is known. */
export interface Origin {
  service: string;
  version: string;
  base: string;
  /** Of the base, as the engine knows it. */
  baseDigest: string;
}

/** A package URL (github.com/package-url/purl-spec). */
const purlOf = ({ kind, name, version }: ListedPackage): string => {
  const type = kind === 'deb' ? 'deb/debian' : kind === 'apk' ? 'apk/alpine' : kind;
  const path = name.split('/').map(encodeURIComponent).join('/');
  return `pkg:${type}/${path}@${encodeURIComponent(version)}`;
};

/**
 * An image's bill of materials in CycloneDX 1.6: its base, every package and every file with its digest. It has no
 * time and no serial number, so that the same content gives the same text.
 */
export function bomOf({ entries, packages }: Tree, origin: Origin): string {
  const bom = new Bom();
  bom.metadata.component = new Component(ComponentType.Container, origin.service, {
    bomRef: 'image',
    version: origin.version,
  });
  bom.components.add(
    new Component(ComponentType.Container, origin.base, { bomRef: 'base', version: origin.baseDigest }),
  );
  for (const one of packages) {
    const purl = purlOf(one);
    bom.components.add(
      new Component(ComponentType.Library, one.name, { bomRef: purl, purl, version: one.version }),
    );
  }
  for (const entry of entries) {
    if (entry.kind !== 'file') continue;
    const file = new Component(ComponentType.File, entry.path, { bomRef: `file:${entry.path}` });
    file.hashes.set(HashAlgorithm['SHA-256'], entry.digest.slice('sha256:'.length));
    file.properties.add(new Property('bakery:mode', entry.mode));
    bom.components.add(file);
  }
  const normalizer = new Normal.Normalize.Factory(Spec1dot6);
  return new JsonSerializer(normalizer).serialize(bom, { sortLists: false });
}
