import { engineContract } from '../contract/engine.ts';

// The whole suite runs in the rig `embedded`; here is what shows that the parts fit together.
engineContract({ kind: 'embedded', url: (folder) => `embedded:${folder}` }, [
  'takes two releases',
  'killed in cut-over',
]);
