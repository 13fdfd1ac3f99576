import { journeys } from './journeys.ts';
import { refusals } from './refusals.ts';

journeys('http');
refusals('http');
