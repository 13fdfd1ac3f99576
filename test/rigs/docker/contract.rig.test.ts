import { providerContract } from '../../contract/provider.ts';
import { providerRig, withRegistry } from './docker-world.ts';

const gaps = {
  'an image that is made again has the same digest':
    'an engine writes the time of each step into the image; what is in it is the same',
};

providerContract('a Docker engine', () => providerRig(), gaps);

providerContract('a Docker engine with a registry', () => providerRig(withRegistry()), gaps);
