import { engineContract } from '../../contract/engine.ts';

engineContract({ kind: 'embedded', url: (folder) => `embedded:${folder}` });
