import type { Resvg } from '@resvg/resvg-js';

type Renderer = {
  renderAsync: (...given: ConstructorParameters<typeof Resvg>) => Promise<{ asPng(): Buffer }>;
};

/**
 * An SVG as a PNG, drawn outside this thread. No font of the machine is read: pictures bring their letters as strokes.
 * Throws where the renderer's library for this platform is not installed.
 */
export async function toPng(svg: string): Promise<Buffer> {
  // Loaded with the first picture: a platform without it only has none.
  const { renderAsync }: Renderer = await import('@resvg/resvg-js');
  const drawn = await renderAsync(svg, { font: { loadSystemFonts: false }, logLevel: 'off' });
  return drawn.asPng();
}
